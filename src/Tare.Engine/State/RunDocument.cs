using Tare.Engine.Containers;

namespace Tare.Engine.State;

/// <summary>The stored part of a container that changes with its runs.</summary>
internal sealed class RunDocument
{
    /// <summary>Where it stands.</summary>
    public ContainerState State { get; set; } = new();

    /// <summary>Restarts by the policy since the last start by a user.</summary>
    public int RestartCount { get; set; }

    /// <summary>Whether a user stopped it: <c>unless-stopped</c> then leaves it alone.</summary>
    public bool StoppedByUser { get; set; }
}
