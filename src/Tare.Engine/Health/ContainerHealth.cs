namespace Tare.Engine.Health;

/// <summary>The health of a container that is checked, immutable.</summary>
public sealed record ContainerHealth
{
    /// <summary>What the checks say.</summary>
    public HealthStatus Status { get; init; }

    /// <summary>Failed checks in a row.</summary>
    public int FailingStreak { get; init; }

    /// <summary>The last five results, the oldest first.</summary>
    public IReadOnlyList<HealthResult> Log { get; init; } = [];
}
