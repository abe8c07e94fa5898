using Tare.Engine.Containers;
using Tare.Engine.Errors;

namespace Tare.Engine.Lifecycle;

/// <summary>What follows a container's exit: storing, removal (<c>--rm</c>) or a restart by the policy.</summary>
/// <param name="parts">The engine's parts.</param>
/// <param name="starter">Starts it again.</param>
/// <param name="remover">Removes it.</param>
internal sealed class ExitConsequences(EngineParts parts, ContainerStarter starter, ContainerRemover remover) : IDisposable
{
    private readonly CancellationTokenSource _shutdown = new();

    /// <summary>Takes the consequences.</summary>
    public async Task ApplyAsync(Container container, ContainerState state)
    {
        HostConfig host = container.Document.HostConfig;
        if (container.Restarting)
        {
            await parts.Records.UpdateAsync(container);
        }
        else if (host.AutoRemove)
        {
            await RemoveAsync(container);
        }
        else if (!parts.ShuttingDown && RestartPolicies.WantsRestart(host.RestartPolicy!, state.ExitCode, container.Run.RestartCount, container.Run.StoppedByUser))
        {
            container.LastRestartDelay = RestartPolicies.NextDelay(container.LastRestartDelay, container.LastRun);
            container.RestartDelay = CancellationTokenSource.CreateLinkedTokenSource(_shutdown.Token);
            container.ChangeState(s => s with { Status = ContainerStatus.Restarting });
            await parts.Records.UpdateAsync(container);
            _ = RestartAsync(container, container.RestartDelay.Token);
        }
        else
        {
            await parts.Records.UpdateAsync(container);
        }
    }

    /// <summary>Gives up the restarts that are due; containers keep their state.</summary>
    public void Stop() => _shutdown.Cancel();

    /// <summary>Frees the timer.</summary>
    public void Dispose() => _shutdown.Dispose();

    /// <summary>Removes a container whose run is over.</summary>
    public async Task RemoveAsync(Container container)
    {
        await container.Turn.WaitAsync();
        try
        {
            if (!container.Removed.Task.IsCompleted)
            {
                await remover.RemoveAsync(container, volumes: true);
            }
        }
        catch (EngineException e)
        {
            Log.AutoRemoveFailed(parts.Log, container.Id, e);
        }
        finally
        {
            container.Turn.Release();
        }
    }

    /// <summary>Starts a container again after its delay, unless a user intervened.</summary>
    private async Task RestartAsync(Container container, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(container.LastRestartDelay, parts.Time, cancellationToken);
            await container.Turn.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        try
        {
            if (container.State.Status == ContainerStatus.Restarting && !container.Run.StoppedByUser)
            {
                container.Change(c => c.Run.RestartCount++);
                await starter.StartAsync(container);
            }
        }
        catch (EngineException e)
        {
            Log.RestartFailed(parts.Log, container.Id, e);
            container.ChangeState(s => s with { Status = ContainerStatus.Exited });
        }
        finally
        {
            container.Turn.Release();
        }
    }
}
