using System.Globalization;

namespace Tare.Runtime.Commands;

/// <summary>Options before the command.</summary>
internal sealed record GlobalOptions
{
    /// <summary>The folder of all containers' state.</summary>
    public string Root { get; init; } = DefaultRoot();

    /// <summary>File that messages go to; null for standard error.</summary>
    public string? Log { get; init; }

    /// <summary>Whether messages are JSON lines.</summary>
    public bool LogJson { get; init; }

    /// <summary>Whether cgroups are made by systemd.</summary>
    public bool SystemdCgroup { get; init; }

    /// <summary>Whether details are logged.</summary>
    public bool Debug { get; init; }

    // As runc: below XDG_RUNTIME_DIR for a user that is not root.
    private static string DefaultRoot()
        => Linux.Interop.Libc.geteuid() != 0 && Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } folder
            ? string.Create(CultureInfo.InvariantCulture, $"{folder}/tare-runtime")
            : "/run/tare/runtime";
}
