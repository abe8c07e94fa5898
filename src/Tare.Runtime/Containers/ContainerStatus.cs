namespace Tare.Runtime.Containers;

/// <summary>States of a container (runtime.md, State).</summary>
public enum ContainerStatus
{
    /// <summary>The set-up is under way.</summary>
    Creating,

    /// <summary>The process waits at the start gate.</summary>
    Created,

    /// <summary>The process runs.</summary>
    Running,

    /// <summary>The cgroup is frozen.</summary>
    Paused,

    /// <summary>The process has ended.</summary>
    Stopped,
}
