using Tare.Engine.Containers;

namespace Tare.Engine.Health;

/// <summary>How results become a health and when the next check is due: dockerd's rules, without clock and processes.</summary>
internal static class HealthRules
{
    /// <summary>Results that are kept.</summary>
    private const int KeptResults = 5;

    private const int DefaultRetries = 3;

    private static readonly TimeSpan s_defaultInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_defaultStartInterval = TimeSpan.FromSeconds(5);

    /// <summary>Whether a container is checked: it has a test of a kind that dockerd knows.</summary>
    public static bool IsChecked(HealthConfig? config) => config is { Test: ["CMD" or "CMD-SHELL", ..] };

    /// <summary>The words that a check executes; null when the test is malformed.</summary>
    public static List<string>? CommandOf(ContainerConfig config) => config.Healthcheck?.Test switch
    {
        ["CMD", .. var words] when words.Count > 0 => words,
        ["CMD-SHELL", .. var words] => [.. config.Shell is { Count: > 0 } shell ? shell : ["/bin/sh", "-c"], .. words],
        _ => null,
    };

    /// <summary>The health at a start; results of earlier runs stay in sight.</summary>
    public static ContainerHealth? AtStart(HealthConfig? config, ContainerHealth? before) =>
        IsChecked(config) ? new ContainerHealth { Log = before?.Log ?? [] } : null;

    /// <summary>The health after a result.</summary>
    /// <param name="health">The health before.</param>
    /// <param name="config">The configuration.</param>
    /// <param name="result">The result.</param>
    /// <param name="age">How long the container had run when the check began.</param>
    public static ContainerHealth After(ContainerHealth health, HealthConfig config, HealthResult result, TimeSpan age)
    {
        IReadOnlyList<HealthResult> log = [.. health.Log.TakeLast(KeptResults - 1), result];
        if (result.ExitCode == 0)
        {
            return new ContainerHealth { Status = HealthStatus.Healthy, Log = log };
        }

        if (health.Status == HealthStatus.Starting && age < Span(config.StartPeriod))
        {
            return health with { Log = log };
        }

        int streak = health.FailingStreak + 1;
        int retries = config.Retries > 0 ? config.Retries : DefaultRetries;
        return new ContainerHealth { Status = streak >= retries ? HealthStatus.Unhealthy : health.Status, FailingStreak = streak, Log = log };
    }

    /// <summary>The wait before the next check.</summary>
    public static TimeSpan NextWait(HealthConfig config, HealthStatus status, TimeSpan age) => status == HealthStatus.Starting && age < Span(config.StartPeriod)
        ? config.StartInterval > 0 ? Span(config.StartInterval) : s_defaultStartInterval
        : config.Interval > 0 ? Span(config.Interval) : s_defaultInterval;

    /// <summary>The longest time of a check.</summary>
    public static TimeSpan TimeoutOf(HealthConfig config) => config.Timeout > 0 ? Span(config.Timeout) : TimeSpan.FromSeconds(30);

    // A timer of .NET takes at most 2^32 - 2 ms (Timer); Docker's field reaches 292 years.
    private static TimeSpan Span(long nanoseconds)
    {
        TimeSpan longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);
        TimeSpan span = TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);
        return span < longest ? span : longest;
    }
}
