namespace Tare.Engine.Containers;

/// <summary>What a wait waits for.</summary>
public enum WaitCondition
{
    /// <summary>The container does not run; true at once when it does not.</summary>
    NotRunning,

    /// <summary>The container's next exit.</summary>
    NextExit,

    /// <summary>The container was removed.</summary>
    Removed,
}
