using Tare.Engine.Health;

namespace Tare.Engine.Containers;

/// <summary>The changing part of a container, immutable: every change makes a new one.</summary>
public sealed record ContainerState
{
    /// <summary>Where the container stands in its life.</summary>
    public ContainerStatus Status { get; init; }

    /// <summary>Pid of the container's init in the daemon's pid namespace; 0 while it does not run.</summary>
    public int Pid { get; init; }

    /// <summary>Exit code of the last run, 128 + signal for a killed process; 0 before the first exit.</summary>
    public int ExitCode { get; init; }

    /// <summary>Why the last start failed; empty when it did not.</summary>
    public string Error { get; init; } = "";

    /// <summary>Whether the kernel's out-of-memory killer struck in the last run.</summary>
    public bool OomKilled { get; init; }

    /// <summary>When the last run began; null before the first.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the last run ended; null before the first end.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What its health checks say; null when it has none.</summary>
    public ContainerHealth? Health { get; init; }

    /// <summary>Whether a process exists: running, paused, or between two runs of a restart policy.</summary>
    public bool IsAlive => Status is ContainerStatus.Running or ContainerStatus.Paused;
}
