namespace Tare.Engine.Containers;

/// <summary>Where a container stands in its life; the names in lower case are Docker's <c>State.Status</c>.</summary>
public enum ContainerStatus
{
    /// <summary>Made, never started.</summary>
    Created,

    /// <summary>Its process runs.</summary>
    Running,

    /// <summary>Its process is frozen.</summary>
    Paused,

    /// <summary>It exited and its restart policy will start it again.</summary>
    Restarting,

    /// <summary>It is being removed.</summary>
    Removing,

    /// <summary>It ran and ended.</summary>
    Exited,

    /// <summary>Its removal failed half-way.</summary>
    Dead,
}
