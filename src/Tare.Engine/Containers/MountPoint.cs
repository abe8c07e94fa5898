namespace Tare.Engine.Containers;

/// <summary>A mount of a container as inspect shows it (Docker Engine API, <c>MountPoint</c>).</summary>
public sealed record MountPoint
{
    /// <summary><c>bind</c>, <c>volume</c> or <c>tmpfs</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The volume's name; empty for other types.</summary>
    public string Name { get; init; } = "";

    /// <summary>Path on the host; empty for tmpfs.</summary>
    public string Source { get; init; } = "";

    /// <summary>Absolute path in the container.</summary>
    public required string Destination { get; init; }

    /// <summary>The volume's driver; empty for other types.</summary>
    public string Driver { get; init; } = "";

    /// <summary>The options of the short form, such as <c>ro</c> or <c>z</c>.</summary>
    public string Mode { get; init; } = "";

    /// <summary>Whether the container may write to it.</summary>
    public bool RW { get; init; } = true;

    /// <summary>Mount propagation; empty for volumes and tmpfs.</summary>
    public string Propagation { get; init; } = "";

    /// <summary>Whether the volume is removed together with the container (<c>--rm</c>, <c>rm -v</c>).</summary>
    public bool Anonymous { get; init; }
}
