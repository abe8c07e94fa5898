using Tare.Engine.Containers;
using Tare.Engine.Health;

namespace Tare.Docker.Endpoints;

/// <summary>Describes a container's state in the words of <c>docker ps</c>: <c>Up 5 minutes</c>, <c>Exited (0) 2 hours ago</c>.</summary>
internal static class StatusWords
{
    /// <summary>Describes a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="now">The present.</param>
    public static string Describe(ContainerState state, DateTimeOffset now) => state.Status switch
    {
        ContainerStatus.Running => "Up " + Since(state.StartedAt, now) + HealthOf(state),
        ContainerStatus.Paused => $"Up {Since(state.StartedAt, now)} (Paused)",
        ContainerStatus.Restarting => $"Restarting ({state.ExitCode}) {Since(state.FinishedAt, now)} ago",
        ContainerStatus.Removing => "Removal In Progress",
        ContainerStatus.Dead => "Dead",
        ContainerStatus.Created => "Created",
        _ => state.FinishedAt is null ? "" : $"Exited ({state.ExitCode}) {Since(state.FinishedAt, now)} ago",
    };

    private static string HealthOf(ContainerState state) => state.Health?.Status switch
    {
        null => "",
        HealthStatus.Starting => " (health: starting)",
        var status => $" ({status.ToString()!.ToLowerInvariant()})",
    };

    private static string Since(DateTimeOffset? start, DateTimeOffset now) => Duration(start is { } s ? now - s : TimeSpan.Zero);

    /// <summary>Words of a span as Docker's units package rounds them.</summary>
    public static string Duration(TimeSpan span)
    {
        int seconds = (int)span.TotalSeconds;
        int minutes = (int)span.TotalMinutes;
        int hours = (int)(span.TotalHours + 0.5);
        return seconds < 1 ? "Less than a second"
            : seconds == 1 ? "1 second"
            : seconds < 60 ? $"{seconds} seconds"
            : minutes == 1 ? "About a minute"
            : minutes < 60 ? $"{minutes} minutes"
            : hours == 1 ? "About an hour"
            : hours < 48 ? $"{hours} hours"
            : hours < 24 * 7 * 2 ? $"{hours / 24} days"
            : hours < 24 * 30 * 2 ? $"{hours / 24 / 7} weeks"
            : hours < 24 * 365 * 2 ? $"{hours / 24 / 30} months"
            : $"{(int)span.TotalHours / 24 / 365} years";
    }
}
