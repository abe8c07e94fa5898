using Tare.Engine.Errors;

namespace Tare.Engine.Lifecycle;

/// <summary>Stops all containers of a daemon that ends, where they do not outlive it.</summary>
/// <param name="parts">The engine's parts.</param>
/// <param name="stopper">Stops them.</param>
internal sealed class ContainerShutdown(EngineParts parts, ContainerStopper stopper)
{
    /// <summary>What a container's own time is extended by (dockerd's).</summary>
    private const int GraceSeconds = 5;

    /// <summary>Stops the containers. Preconditions: no start begins any more.</summary>
    /// <returns>False when some were still there at the limit.</returns>
    public async Task<bool> RunAsync()
    {
        TimeSpan limit = LimitOf(parts.Options.ShutdownTimeoutSeconds, [.. parts.Containers.All.Select(ContainerStopper.TimeoutOf)]);
        try
        {
            await Task.WhenAll(parts.Containers.All.Select(StopAsync)).WaitAsync(limit, parts.Time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>The time for all of them, as dockerd reckons: the set-up's, or that of the most patient container and some grace; without end where either has none.</summary>
    /// <param name="seconds">What the set-up says; negative for no limit.</param>
    /// <param name="timeouts">The stop timeouts of all containers in seconds, also of those that do not run; negative for no limit.</param>
    internal static TimeSpan LimitOf(int seconds, IReadOnlyCollection<int> timeouts)
        => seconds < 0 || timeouts.Any(timeout => timeout < 0)
            ? Timeout.InfiniteTimeSpan
            : TimeSpan.FromSeconds(timeouts.Select(timeout => timeout + (long)GraceSeconds).Append(seconds).Max());

    private async Task StopAsync(Container container)
    {
        try
        {
            if (!container.State.IsAlive)
            {
                // It may be about to start.
                await container.Turn.WaitAsync();
                container.Turn.Release();
            }

            if (await stopper.StopAsync(container, null, null, CancellationToken.None))
            {
                // What follows an exit, removal among it, is done before the state is closed.
                await container.Watch;
            }
        }
        catch (Exception e) when (e is EngineException or TimeoutException)
        {
            Log.ShutdownFailed(parts.Log, container.Id, e);
        }
    }
}
