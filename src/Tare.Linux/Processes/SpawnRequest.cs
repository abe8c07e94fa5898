using Microsoft.Win32.SafeHandles;

namespace Tare.Linux.Processes;

/// <summary>What <see cref="ProcessLauncher"/> starts.</summary>
public sealed record SpawnRequest
{
    /// <summary>Absolute path of the program.</summary>
    public required string Path { get; init; }

    /// <summary>The argument vector, with the program's name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The environment as NAME=value; null passes this process's on.</summary>
    public IReadOnlyList<string>? Environment { get; init; }

    /// <summary>
    /// The descriptors of the child: entry i becomes descriptor i. All others are closed (they are close-on-exec throughout). At least entries
    /// 0 to 2 belong here; a null entry stays as it is in this process.
    /// </summary>
    public required IReadOnlyList<SafeFileHandle?> Descriptors { get; init; }

    /// <summary>The child's working directory; null for this process's.</summary>
    public string? Directory { get; init; }

    /// <summary>Whether the child leads a session of its own, out of reach of this process's terminal.</summary>
    public bool NewSession { get; init; }

    /// <summary>Whether the child starts with all signals blocked, in every thread that it makes. Default: none blocked.</summary>
    public bool BlockSignals { get; init; }
}
