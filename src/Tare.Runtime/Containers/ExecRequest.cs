using Tare.Oci.Runtime;

namespace Tare.Runtime.Containers;

/// <summary>What <see cref="ExecLauncher"/> runs in a container.</summary>
public sealed record ExecRequest
{
    /// <summary>The container.</summary>
    public required StoredContainer Container { get; init; }

    /// <summary>The process. What it does not say is not taken from the container's configuration.</summary>
    public required ProcessSpec Process { get; init; }

    /// <summary>Standard streams of a process without a terminal; null inherits this process's.</summary>
    public StandardStreams? Streams { get; init; }

    /// <summary>How many descriptors from 3 on the process keeps.</summary>
    public int PreservedDescriptors { get; init; }

    /// <summary>Whether a terminal passes line feeds on without a carriage return: what reads it adds one where it is a terminal itself.</summary>
    public bool PlainLineFeeds { get; init; }

    /// <summary>Executes in a paused container too; the process waits until it is resumed.</summary>
    public bool IgnorePaused { get; init; }

    /// <summary>Groups below the container's to join: <c>PATH</c> in every hierarchy, or <c>CONTROLLER[,CONTROLLER]:PATH</c>.</summary>
    public IReadOnlyList<string> Cgroups { get; init; } = [];

    /// <summary>Gets sentences about what was clamped or passed over.</summary>
    public Action<string>? Warn { get; init; }
}
