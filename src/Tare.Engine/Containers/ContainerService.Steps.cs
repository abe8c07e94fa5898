using Tare.Engine.Errors;
using Tare.Engine.Lifecycle;
using Tare.Runtime.Shim.Client;

namespace Tare.Engine.Containers;

/// <content>Steps that several operations share.</content>
public sealed partial class ContainerService
{
    private static async Task WithTurnAsync(Container container, Func<Task> operation, CancellationToken cancellationToken)
    {
        await container.Turn.WaitAsync(cancellationToken);
        try
        {
            await operation();
        }
        finally
        {
            container.Turn.Release();
        }
    }

    private static async Task TranslateAsync(Container container, Func<Task> request) =>
        await TranslateAsync(container, async () =>
        {
            await request();
            return true;
        });

    /// <summary>Makes engine errors of a shim's.</summary>
    private static async Task<T> TranslateAsync<T>(Container container, Func<Task<T>> request)
    {
        try
        {
            return await request();
        }
        catch (ShimException e) when (e.Kind == ShimErrorKind.Gone)
        {
            throw EngineErrors.NotRunning(container.Id);
        }
        catch (ShimException e)
        {
            throw new EngineException(ErrorClass.Internal, e.Message, e);
        }
    }

    /// <summary>Starts a container. Preconditions: its turn is held.</summary>
    private async Task StartHeldAsync(Container container)
    {
        if (container.Removed.Task.IsCompleted)
        {
            throw EngineErrors.NoSuchContainer(container.Id);
        }

        if (container.State.Status == ContainerStatus.Paused)
        {
            throw new EngineException(ErrorClass.Conflict, "cannot start a paused container, try unpause instead");
        }

        if (container.State.IsAlive)
        {
            throw EngineErrors.AlreadyStarted(container.Id);
        }

        if (container.State.Status is ContainerStatus.Removing or ContainerStatus.Dead)
        {
            throw EngineErrors.MarkedForRemoval();
        }

        CancelRestart(container);
        container.Change(c => (c.Run.RestartCount, c.Run.StoppedByUser) = (0, false));
        container.LastRestartDelay = TimeSpan.Zero;
        try
        {
            await _flows.Starter.StartAsync(container);
        }
        catch (EngineException) when (container.Document.HostConfig.AutoRemove)
        {
            await _flows.Remover.RemoveAsync(container, volumes: true);
            throw;
        }
    }

    private async Task RenameHeldAsync(Container container, string newName)
    {
        if (newName.Length == 0 || newName == "/")
        {
            EngineErrors.ThrowInvalid("Neither old nor new names may be empty");
        }

        string old = container.Name;
        try
        {
            string name = ContainerNames.Normalise(newName.StartsWith('/') ? newName : "/" + newName);
            if (name == old)
            {
                EngineErrors.ThrowInvalid("Renaming a container with the same name as its current name");
            }

            _parts.Containers.Reserve(name, container.Id);
        }
        catch (EngineException e) when (!e.Message.StartsWith("Renaming", StringComparison.Ordinal))
        {
            throw new EngineException(e.Class, $"Error when allocating new name: {e.Message}", e);
        }

        string reserved = newName.TrimStart('/');
        try
        {
            await _parts.Records.RenameAsync(container.Id, reserved);
        }
        catch (EngineException)
        {
            _parts.Containers.Release(reserved, container.Id);
            throw;
        }

        container.Rename(reserved);
        _parts.Containers.Release(old, container.Id);
        _parts.Publish(container, "rename", ("oldName", "/" + old));
    }

    /// <summary>Notes that a user ends the container: no policy starts it again.</summary>
    private static void MarkStopped(Container container)
    {
        container.Change(c => c.Run.StoppedByUser = true);
        CancelRestart(container);
    }

    private static void CancelRestart(Container container)
    {
        container.RestartDelay?.Cancel();
        container.RestartDelay = null;
        if (container.State.Status == ContainerStatus.Restarting)
        {
            container.ChangeState(s => s with { Status = ContainerStatus.Exited });
        }
    }

    private static async Task<WaitResult> WaitForAsync(Container container, WaitCondition condition, CancellationToken cancellationToken)
    {
        // The signal is taken before the look at the state: an exit between the two is not missed.
        Task<ContainerState> nextExit = container.NextExit;
        ContainerState state = container.State;
        switch (condition)
        {
            case WaitCondition.NotRunning when !state.IsAlive && state.Status != ContainerStatus.Restarting:
                break;
            case WaitCondition.Removed:
                state = await container.Removed.Task.WaitAsync(cancellationToken);
                // Why a start failed was told by the start; Docker's client prints an error of this wait as a fault of its own.
                return new WaitResult(state.ExitCode, Error: null);
            default:
                Task first = await Task.WhenAny(nextExit, container.Removed.Task).WaitAsync(cancellationToken);
                state = first == nextExit ? await nextExit : await container.Removed.Task;
                break;
        }

        // As from dockerd: the reason of a start that failed is told by the start, not by the wait.
        return new WaitResult(state.ExitCode, state.Status == ContainerStatus.Dead ? state.Error : null);
    }

    /// <summary>Ends when a container neither runs nor is about to be started again.</summary>
    private static async Task EndOfRunsAsync(Container container)
    {
        while (container.State.IsAlive || container.State.Status == ContainerStatus.Restarting)
        {
            Task<ContainerState> exit = container.NextExit;
            if (container.State.IsAlive || container.State.Status == ContainerStatus.Restarting)
            {
                await Task.WhenAny(exit, container.Removed.Task);
            }

            // The handling of the exit decides about a restart.
            await container.Watch;
        }
    }

    private static Task<Attachment?> AttachLaterAsync(Container container, AttachOptions options, CancellationToken cancellationToken)
    {
        PendingAttachment pending = container.AddPending(options);
        return WaitForStartAsync(container, pending, cancellationToken);
    }

    private static async Task<Attachment?> WaitForStartAsync(Container container, PendingAttachment pending, CancellationToken cancellationToken)
    {
        await using CancellationTokenRegistration registration = cancellationToken.Register(() =>
        {
            container.DropPending(pending);
            pending.Result.TrySetResult(null);
        });
        return await pending.Result.Task;
    }
}
