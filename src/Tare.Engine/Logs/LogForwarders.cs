using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Logs.Targets;

namespace Tare.Engine.Logs;

/// <summary>Sends the entries of all containers whose driver sends.</summary>
/// <param name="time">The clock.</param>
/// <param name="log">Where failures are told.</param>
internal sealed class LogForwarders(TimeProvider time, ILogger log) : IAsyncDisposable
{
    /// <summary>How long the removal of a container waits for entries that are not sent yet.</summary>
    private static readonly TimeSpan s_removalPatience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _shutdown = new();
    private readonly ConcurrentDictionary<string, Forwarding> _running = new();

    /// <summary>Makes and connects the target of a container that is about to start; null when its driver sends nothing.</summary>
    /// <exception cref="EngineException">InvalidArgument or Internal: the target cannot be made or reached (Docker's text).</exception>
    public static async Task<ILogTarget?> PrepareAsync(ContainerSnapshot container)
    {
        if (!LogSettings.Of(container.HostConfig.LogConfig!).IsForwarded)
        {
            return null;
        }

        const string Failed = "failed to create task for container: failed to initialize logging driver: ";
        ILogTarget? target = null;
        try
        {
            target = LogTargets.Make(LogSubject.Of(container));
            if (target.MustBeReachable)
            {
                await target.ConnectAsync(CancellationToken.None);
            }

            return target;
        }
        catch (EngineException e)
        {
            target?.Dispose();
            throw new EngineException(e.Class, Failed + e.Message, e);
        }
        catch (IOException e)
        {
            target?.Dispose();
            throw new EngineException(ErrorClass.Internal, Failed + e.Message, e);
        }
    }

    /// <summary>Begins to send, after the sending of an earlier run has ended.</summary>
    /// <param name="container">The container.</param>
    /// <param name="target">A target that <see cref="PrepareAsync"/> made.</param>
    /// <param name="ended">Ends when the container has.</param>
    public void Begin(ContainerSnapshot container, ILogTarget target, Task ended) => Begin(container, target, isConnected: target.MustBeReachable, ended);

    /// <summary>Goes on sending what an earlier daemon did not send any more; does nothing when the driver sends nothing.</summary>
    public void Resume(ContainerSnapshot container, Task ended)
    {
        if (LogSettings.Of(container.HostConfig.LogConfig!).IsForwarded)
        {
            Begin(container, LogTargets.Make(LogSubject.Of(container)), isConnected: false, ended);
        }
    }

    /// <summary>Ends the sending before the container is removed: what is not sent within some seconds is lost with it.</summary>
    public async Task EndAsync(string container)
    {
        if (_running.TryRemove(container, out Forwarding? forwarding))
        {
            await Task.WhenAny(forwarding.Task, Task.Delay(s_removalPatience, time));
            await forwarding.Stop.CancelAsync();
            await forwarding.Task;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _shutdown.CancelAsync();
        await Task.WhenAll(_running.Values.Select(f => f.Task));
        _shutdown.Dispose();
    }

    private void Begin(ContainerSnapshot container, ILogTarget target, bool isConnected, Task ended)
    {
        string folder = container.Folder;
        string file = Path.Combine(folder, LogSettings.Of(container.HostConfig.LogConfig!).FileName(container.Id));
        LogForwarder forwarder = new(container.Id, target, new LogFiles(file, compact: true), Path.Combine(folder, "local-logs/sent"), time, (id, e) => Log.ForwardingFailed(log, id, e.Message));
        if (isConnected)
        {
            forwarder.Connected();
        }

        CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(_shutdown.Token);
        Task before = _running.TryGetValue(container.Id, out Forwarding? earlier) ? earlier.Task : Task.CompletedTask;
        _running[container.Id] = new Forwarding(stop, RunAsync(forwarder, before, ended, stop.Token));
    }

    private async Task RunAsync(LogForwarder forwarder, Task before, Task ended, CancellationToken stop)
    {
        try
        {
            await before;
            await Task.Run(() => forwarder.RunAsync(ended, stop), stop);
        }
        catch (OperationCanceledException)
        {
            // The daemon ends, or the container is removed.
        }
#pragma warning disable CA1031 // boundary: a background task that nobody else looks at
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.ForwardingEnded(log, e);
        }
    }

    private sealed record Forwarding(CancellationTokenSource Stop, Task Task);
}
