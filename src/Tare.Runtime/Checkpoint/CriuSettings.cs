namespace Tare.Runtime.Checkpoint;

/// <summary>Settings that hold for a dump and for its restore alike.</summary>
internal sealed record CriuSettings
{
    /// <summary>The folder of logs and of files that criu works with; null takes the images' own.</summary>
    public string? WorkPath { get; init; }

    /// <summary>Allows connections of TCP.</summary>
    public bool EstablishedTcp { get; init; }

    /// <summary>Allows unix sockets whose other end is outside.</summary>
    public bool ExternalUnixSockets { get; init; }

    /// <summary>Allows sessions and terminals whose leader is outside.</summary>
    public bool ShellJob { get; init; }

    /// <summary>Keeps locks of files.</summary>
    public bool FileLocks { get; init; }

    /// <summary>Punches holes into earlier images where a later one has the page.</summary>
    public bool AutoDedup { get; init; }

    /// <summary>Leaves pages where they are until they are touched.</summary>
    public bool LazyPages { get; init; }

    /// <summary>What is done about cgroups.</summary>
    public CgroupRestoreMode Cgroups { get; init; } = CgroupRestoreMode.Default;

    /// <summary>Writes them into options.</summary>
    public void WriteTo(CriuOptions options)
    {
        options.Outside(ExternalUnixSockets, EstablishedTcp, ShellJob, FileLocks);
        options.AutoDedup(AutoDedup);
        options.LazyPages(LazyPages);
        options.Cgroups(Cgroups);
    }
}
