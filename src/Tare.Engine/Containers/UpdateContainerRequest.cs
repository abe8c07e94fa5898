namespace Tare.Engine.Containers;

/// <summary>What to change of a container that exists.</summary>
public sealed record UpdateContainerRequest
{
    /// <summary>The limits: what is zero, empty or null stays as it is.</summary>
    public required HostConfig Resources { get; init; }

    /// <summary>The restart policy; null or without a name for the present one.</summary>
    public RestartPolicy? RestartPolicy { get; init; }
}
