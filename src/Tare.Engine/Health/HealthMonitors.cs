using System.Collections.Concurrent;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Lifecycle;

namespace Tare.Engine.Health;

/// <summary>
/// Checks the health of the containers that run, each by a loop of its own. All waits and ages are measured by the monotonic clock: setting the machine's clock neither
/// hurries nor delays a check. Disposing ends the loops and kills the checks under way; the containers keep their health.
/// </summary>
/// <param name="parts">The engine's parts.</param>
/// <param name="probe">Runs the checks.</param>
internal sealed class HealthMonitors(EngineParts parts, HealthProbe probe) : IAsyncDisposable
{
    private readonly CancellationTokenSource _shutdown = new();
    private readonly ConcurrentDictionary<string, Monitor> _monitors = new();

    /// <summary>Begins to check a container that runs, unless it has no health check.</summary>
    /// <param name="container">The container.</param>
    /// <param name="age">How long it has run already.</param>
    public void Begin(Container container, TimeSpan age)
    {
        if (!HealthRules.IsChecked(container.Document.Config.Healthcheck))
        {
            return;
        }

        CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(_shutdown.Token);
        long begin = parts.Time.GetTimestamp();
        Monitor monitor = new(stop, FollowAsync(container, () => age + parts.Time.GetElapsedTime(begin), stop.Token));
        if (_monitors.TryRemove(container.Id, out Monitor? earlier))
        {
            earlier.Stop.Cancel();
        }

        _monitors[container.Id] = monitor;
    }

    /// <summary>Ends the checks of a container that has ended.</summary>
    public void End(Container container)
    {
        if (_monitors.TryRemove(container.Id, out Monitor? monitor))
        {
            monitor.Stop.Cancel();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _shutdown.CancelAsync();
        await Task.WhenAll(_monitors.Values.Select(m => m.Loop));
        _shutdown.Dispose();
    }

    private async Task FollowAsync(Container container, Func<TimeSpan> age, CancellationToken stop)
    {
        HealthConfig config = container.Document.Config.Healthcheck!;
        try
        {
            while (container.State.Health is { } health)
            {
                await Task.Delay(HealthRules.NextWait(config, health.Status, age()), parts.Time, stop);
                TimeSpan began = age();
                if (container.State.Status == ContainerStatus.Running && await probe.RunAsync(container, stop) is { } result && !stop.IsCancellationRequested)
                {
                    await TakeAsync(container, config, result, began);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The container or the daemon ends.
        }
#pragma warning disable CA1031 // boundary: a background task that nobody else looks at
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.HealthChecksFailed(parts.Log, container.Id, e);
        }
    }

    private async Task TakeAsync(Container container, HealthConfig config, HealthResult result, TimeSpan age)
    {
        bool changed = false;
        container.ChangeState(s =>
        {
            if (s.Health is not { } before || s.Status != ContainerStatus.Running)
            {
                return s;
            }

            ContainerHealth after = HealthRules.After(before, config, result, age);
            changed = after.Status != before.Status;
            return s with { Health = after };
        });
        if (!changed)
        {
            return;
        }

        parts.Publish(container, "health_status: " + container.State.Health!.Status.ToString().ToLowerInvariant());
        try
        {
            await parts.Records.UpdateAsync(container);
        }
        catch (EngineException e)
        {
            Log.StoreFailed(parts.Log, container.Id, e);
        }
    }

    private sealed record Monitor(CancellationTokenSource Stop, Task Loop);
}
