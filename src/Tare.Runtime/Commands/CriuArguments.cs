using Tare.Runtime.Checkpoint;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Commands;

/// <summary>Options that <c>checkpoint</c> and <c>restore</c> have in common.</summary>
internal static class CriuArguments
{
    /// <summary>Reads the option that was just found.</summary>
    /// <returns>The settings with it; null for an option that is not common.</returns>
    public static CriuSettings? Read(CriuSettings settings, CommandLineReader reader) => reader.Option switch
    {
        "work-path" => settings with { WorkPath = Path.GetFullPath(reader.Value()) },
        "tcp-established" => settings with { EstablishedTcp = reader.Flag() },
        "ext-unix-sk" => settings with { ExternalUnixSockets = reader.Flag() },
        "shell-job" => settings with { ShellJob = reader.Flag() },
        "file-locks" => settings with { FileLocks = reader.Flag() },
        "auto-dedup" => settings with { AutoDedup = reader.Flag() },
        "lazy-pages" => settings with { LazyPages = reader.Flag() },
        "manage-cgroups-mode" => settings with { Cgroups = ModeOf(reader.Value()) },
        "empty-ns" => CheckNamespace(settings, reader.Value()),
        _ => null,
    };

    /// <summary>Where images are without an option.</summary>
    public static string DefaultImagePath => Path.Combine(Environment.CurrentDirectory, "checkpoint");

    private static CgroupRestoreMode ModeOf(string name) => name switch
    {
        "soft" => CgroupRestoreMode.Soft,
        "full" => CgroupRestoreMode.Full,
        "strict" => CgroupRestoreMode.Strict,
        "ignore" => CgroupRestoreMode.Ignore,
        _ => throw new RuntimeException(ErrorKind.Invalid, "invalid manage-cgroups-mode value"),
    };

    // A network namespace is restored empty anyway, and criu can do it with no other.
    private static CriuSettings CheckNamespace(CriuSettings settings, string name)
        => name == "network" ? settings : throw new RuntimeException(ErrorKind.Invalid, $"namespace \"{name}\" is not supported");
}
