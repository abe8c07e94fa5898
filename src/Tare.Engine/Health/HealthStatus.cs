namespace Tare.Engine.Health;

/// <summary>What the health checks of a container say.</summary>
public enum HealthStatus
{
    /// <summary>No check has succeeded since the start, and too few have failed.</summary>
    Starting,

    /// <summary>The last check succeeded, or too few have failed since.</summary>
    Healthy,

    /// <summary>As many checks failed in a row as its configuration allows, or it does not run.</summary>
    Unhealthy,
}
