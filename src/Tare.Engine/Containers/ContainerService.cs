using Tare.Engine.Errors;
using Tare.Engine.Explain;
using Tare.Engine.Filtering;
using Tare.Engine.Lifecycle;
using Tare.Engine.Links;
using Tare.Engine.Logs;
using Tare.Runtime.Shim.Client;
using Tare.Storage.Layers;

namespace Tare.Engine.Containers;

/// <summary>
/// Containers. Where a method takes <c>container</c>, it is an id, a unique prefix of one, or a name with or without a leading slash; an unknown one is
/// an <see cref="Errors.EngineException"/> of class NotFound with Docker's text.
/// </summary>
public sealed partial class ContainerService
{
    private readonly EngineParts _parts;
    private readonly ContainerFlows _flows;

    internal ContainerService(EngineParts parts, ContainerFlows flows)
    {
        _parts = parts;
        _flows = flows;
    }

    /// <summary>Creates a container; nothing runs yet. The image must be there.</summary>
    /// <exception cref="Errors.EngineException">NotFound: no such image. Conflict: the name is in use. InvalidArgument: a setting is wrong.</exception>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellationToken">Gives up and undoes.</param>
    public Task<CreatedContainer> CreateAsync(CreateContainerRequest request, CancellationToken cancellationToken) =>
        _flows.Creator.CreateAsync(request, cancellationToken);

    /// <summary>Starts a container; returns when its command was executed.</summary>
    /// <exception cref="Errors.EngineException">NotModified: it runs. InvalidArgument: the command cannot be executed (Docker's texts, by which its client finds 126 and 127).</exception>
    /// <param name="container">Which.</param>
    /// <param name="cancellationToken">Gives up waiting; the start itself is completed or undone.</param>
    public Task StartAsync(string container, CancellationToken cancellationToken)
    {
        Container found = _parts.Containers.Find(container);
        return WithTurnAsync(found, () => StartHeldAsync(found), cancellationToken);
    }

    /// <summary>Stops a container: its stop signal, then SIGKILL after the timeout.</summary>
    /// <param name="container">Which.</param>
    /// <param name="timeoutSeconds">Seconds before SIGKILL; null means the container's (10), -1 waits for ever.</param>
    /// <param name="signal">Instead of the container's stop signal; null for that.</param>
    /// <param name="cancellationToken">Gives up waiting; what was begun goes on, to SIGKILL.</param>
    /// <returns>False when it did not run.</returns>
    public Task<bool> StopAsync(string container, int? timeoutSeconds, string? signal, CancellationToken cancellationToken)
    {
        Container found = _parts.Containers.Find(container);
        MarkStopped(found);
        return _flows.Stopper.StopAsync(found, timeoutSeconds, signal, CancellationToken.None).WaitAsync(cancellationToken);
    }

    /// <summary>Stops (if it runs) and starts a container.</summary>
    /// <param name="container">Which.</param>
    /// <param name="timeoutSeconds">As for <see cref="StopAsync"/>.</param>
    /// <param name="signal">As for <see cref="StopAsync"/>.</param>
    /// <param name="cancellationToken">Gives up waiting; what was begun goes on, to the start.</param>
    public Task RestartAsync(string container, int? timeoutSeconds, string? signal, CancellationToken cancellationToken)
    {
        Container found = _parts.Containers.Find(container);
        return WithTurnAsync(found, async () =>
        {
            CancelRestart(found);
            found.Restarting = true;
            try
            {
                await _flows.Stopper.StopAsync(found, timeoutSeconds, signal, CancellationToken.None);
                await found.Watch;
            }
            finally
            {
                found.Restarting = false;
            }

            await StartHeldAsync(found);
            _parts.Publish(found, "restart");
        }, CancellationToken.None).WaitAsync(cancellationToken);
    }

    /// <summary>Sends a signal to a running container's init. For SIGKILL it returns when the container has ended.</summary>
    /// <exception cref="Errors.EngineException">Conflict: it does not run. InvalidArgument: no such signal.</exception>
    /// <param name="container">Which.</param>
    /// <param name="signal">Name with or without SIG, or number; null or empty means SIGKILL.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task KillAsync(string container, string? signal, CancellationToken cancellationToken)
    {
        try
        {
            Container found = _parts.Containers.Find(container);
            int number = string.IsNullOrEmpty(signal) ? Signals.Kill : Signals.Parse(signal);
            if (number == Signals.Kill && found.State.IsAlive)
            {
                MarkStopped(found);
            }

            await (number == Signals.Kill && found.State.IsAlive
                ? _flows.Stopper.KillAsync(found, cancellationToken)
                : _flows.Stopper.SignalAsync(found, number, cancellationToken));
        }
        catch (EngineException e) when (e.Class is ErrorClass.Conflict or ErrorClass.NotFound or ErrorClass.InvalidArgument)
        {
            throw new EngineException(e.Class, $"cannot kill container: {container}: {e.Message}", e);
        }
    }

    /// <summary>Freezes a running container.</summary>
    /// <param name="container">Which.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task PauseAsync(string container, CancellationToken cancellationToken)
    {
        Container found = _parts.Containers.Find(container);
        return WithTurnAsync(found, async () =>
        {
            ShimClient shim = ContainerStopper.RunningShim(found);
            if (found.State.Status == ContainerStatus.Paused)
            {
                throw new EngineException(ErrorClass.Conflict, $"Container {found.Id} is already paused");
            }

            await TranslateAsync(found, () => shim.PauseAsync(cancellationToken));
            found.ChangeState(s => s.Status == ContainerStatus.Running ? s with { Status = ContainerStatus.Paused } : s);
            await _parts.Records.UpdateAsync(found);
            _parts.Publish(found, "pause");
        }, cancellationToken);
    }

    /// <summary>Thaws a paused container.</summary>
    /// <param name="container">Which.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task UnpauseAsync(string container, CancellationToken cancellationToken)
    {
        Container found = _parts.Containers.Find(container);
        return WithTurnAsync(found, async () =>
        {
            if (found.State.Status != ContainerStatus.Paused)
            {
                throw new EngineException(ErrorClass.Conflict, $"Container {found.Id} is not paused");
            }

            await TranslateAsync(found, () => ContainerStopper.RunningShim(found).ResumeAsync(cancellationToken));
            found.ChangeState(s => s.Status == ContainerStatus.Paused ? s with { Status = ContainerStatus.Running } : s);
            await _parts.Records.UpdateAsync(found);
            _parts.Publish(found, "unpause");
        }, cancellationToken);
    }

    /// <summary>Gives a container another name.</summary>
    /// <param name="container">Which.</param>
    /// <param name="newName">The name, with or without a leading slash.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task RenameAsync(string container, string newName, CancellationToken cancellationToken)
    {
        Container found = _parts.Containers.Find(container);
        return WithTurnAsync(found, () => RenameHeldAsync(found, newName), cancellationToken);
    }

    /// <summary>Removes a container with its log and writable layer.</summary>
    /// <exception cref="Errors.EngineException">Conflict: it runs and <paramref name="force"/> is false.</exception>
    /// <param name="container">Which.</param>
    /// <param name="force">Whether a running one is killed.</param>
    /// <param name="volumes">Whether its anonymous volumes go too.</param>
    /// <param name="cancellationToken">Gives up waiting; what was begun goes on.</param>
    public Task RemoveAsync(string container, bool force, bool volumes, CancellationToken cancellationToken) =>
        RemoveFoundAsync(_parts.Containers.Find(container), container, force, volumes).WaitAsync(cancellationToken);

    private async Task RemoveFoundAsync(Container found, string container, bool force, bool volumes)
    {
        if (found.State.IsAlive)
        {
            if (!force)
            {
                throw EngineErrors.CannotRemoveRunning(container, found.State.Status.ToString().ToLowerInvariant());
            }

            MarkStopped(found);
            await _flows.Stopper.KillAsync(found, CancellationToken.None);
            await found.Watch;
        }

        MarkStopped(found);
        await WithTurnAsync(found, async () =>
        {
            if (found.Removed.Task.IsCompleted)
            {
                return;
            }

            if (found.State.IsAlive)
            {
                throw EngineErrors.CannotRemoveRunning(container, "running");
            }

            await _flows.Remover.RemoveAsync(found, volumes);
        }, CancellationToken.None);
    }

    /// <summary>
    /// Waits for a container's end. The outer task ends when the wait is armed (a door then sends its headers), the inner one with the result.
    /// </summary>
    /// <param name="container">Which.</param>
    /// <param name="condition">What to wait for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<Task<WaitResult>> WaitAsync(string container, WaitCondition condition, CancellationToken cancellationToken)
    {
        Container found = _parts.Containers.Find(container);
        return Task.FromResult(WaitForAsync(found, condition, cancellationToken));
    }

    /// <summary>Finds a container.</summary>
    /// <exception cref="Errors.EngineException">NotFound: no such container. InvalidArgument: the prefix is ambiguous.</exception>
    /// <param name="container">Which.</param>
    public ContainerSnapshot Find(string container) => new ContainerLinks(_parts.Containers).Describe(_parts.Containers.Find(container));

    /// <summary>Takes a link to another container away; a running container's file of hosts is made anew.</summary>
    /// <exception cref="Errors.EngineException">NotFound or InvalidArgument: there is no such link.</exception>
    /// <param name="path"><c>/container/alias</c>.</param>
    public async Task RemoveLinkAsync(string path)
    {
        Container parent = new ContainerLinks(_parts.Containers).Remove(path);
        _parts.Networks.RefreshHosts(parent);
        await _parts.Records.UpdateDocumentAsync(parent);
    }


    /// <summary>Lists containers, the newest first.</summary>
    /// <exception cref="Errors.EngineException">InvalidArgument: a filter is wrong.</exception>
    /// <param name="filter">Which of them.</param>
    public IReadOnlyList<ContainerSnapshot> List(ContainerFilter filter)
    {
        IReadOnlyList<ContainerSnapshot> found = _flows.Filtering.List(filter);
        if (!_parts.Containers.All.Any(c => c.Document.Links is not null))
        {
            return found;
        }

        ContainerLinks links = new(_parts.Containers);
        return [.. found.Select(snapshot => snapshot with { LinkedNames = _parts.Containers.TryFind(snapshot.Id) is { } container ? links.Describe(container).LinkedNames : [] })];
    }

    /// <summary>Removes all containers that do not run.</summary>
    /// <param name="filters">Docker's filters: label, until.</param>
    /// <param name="cancellationToken">Gives up between two.</param>
    /// <returns>Their ids, and the bytes of their writable layers.</returns>
    public async Task<(IReadOnlyList<string> Removed, long Bytes)> PruneAsync(IReadOnlyDictionary<string, IReadOnlyList<string>> filters, CancellationToken cancellationToken)
    {
        Filters chosen = new(filters);
        chosen.Allow("label", "label!", "until");
        DateTimeOffset? until = chosen.Until(_parts.Time);
        List<string> removed = [];
        long bytes = 0;
        foreach (Container container in _parts.Containers.All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool idle = container.State.Status is ContainerStatus.Created or ContainerStatus.Exited or ContainerStatus.Dead;
            if (idle && chosen.MatchLabels(container.Document.Config.Labels) && !(container.Document.Created >= until))
            {
                long size = SizeOfWritableLayer(container.Id);
                await RemoveAsync(container.Id, force: false, volumes: false, cancellationToken);
                removed.Add(container.Id);
                bytes += size;
            }
        }

        return (removed, bytes);
    }

    /// <summary>Bytes of the container's writable layer. Walks the layer.</summary>
    /// <param name="container">Which.</param>
    public long SizeOfWritableLayer(string container) => new WritableLayers(_parts.Paths.Containers).SizeOf(_parts.Containers.Find(container).Id);

    /// <summary>Bytes of the container's image layers.</summary>
    /// <param name="container">Which.</param>
    public long SizeOfImage(string container)
    {
        Container found = _parts.Containers.Find(container);
        return _parts.Images.TryGet(found.Document.ImageId)?.Size ?? 0;
    }

    /// <summary>Reads a container's log. Unknown containers and unreadable log drivers fail at the call, not at the first entry.</summary>
    /// <param name="container">Which.</param>
    /// <param name="options">Which part.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public IAsyncEnumerable<LogEntry> LogsAsync(string container, LogOptions options, CancellationToken cancellationToken)
    {
        Container found = _parts.Containers.Find(container);
        if (!found.Log.IsReadable)
        {
            throw new EngineException(ErrorClass.NotImplemented, "configured logging driver does not support reading");
        }

        Task ended = found.State.IsAlive ? EndOfRunsAsync(found) : Task.CompletedTask;
        return new LogReader(new LogFiles(found.LogFile!, found.Log.Compact), _parts.Time).ReadAsync(options, ended, cancellationToken);
    }

    /// <summary>Attaches to a container's streams. A container that was created and not started yet is attached at its start: nothing is missed.</summary>
    /// <exception cref="Errors.EngineException">Conflict: it is paused, or it ended.</exception>
    /// <param name="container">Which.</param>
    /// <param name="options">Which streams.</param>
    /// <param name="cancellationToken">Gives up waiting for the start.</param>
    /// <returns>The outer task ends when the attachment is armed (a door then sends its headers), the inner one with the streams; null when the container ended before.</returns>
    public async Task<Task<Attachment?>> AttachAsync(string container, AttachOptions options, CancellationToken cancellationToken)
    {
        Container found = _parts.Containers.Find(container);
        if (found.State.Status == ContainerStatus.Paused)
        {
            throw new EngineException(ErrorClass.Conflict, $"container {found.Id} is paused, unpause the container before attach");
        }

        if (found.Document.Config is { OpenStdin: false } && options is { Stdin: true, Stdout: false, Stderr: false })
        {
            options = options with { Stdin = false };
        }

        _parts.Publish(found, "attach");
        if (found.State.IsAlive && found.Shim is { } shim)
        {
            ShimStream stream = await TranslateAsync(found, () => shim.AttachAsync(options.Stdin, options.Stdout, options.Stderr, cancellationToken));
            return Task.FromResult<Attachment?>(new Attachment(stream, found.Document.Config.Tty));
        }

        return AttachLaterAsync(found, options, cancellationToken);
    }

    /// <summary>Sets the size of a container's terminal.</summary>
    /// <param name="container">Which.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task ResizeAsync(string container, int height, int width, CancellationToken cancellationToken)
    {
        Container found = _parts.Containers.Find(container);
        return TranslateAsync(found, () => ContainerStopper.RunningShim(found).ResizeAsync(execId: null, height, width, cancellationToken));
    }

    /// <summary>Lists the processes of a running container.</summary>
    /// <param name="container">Which.</param>
    /// <param name="psArgs">Arguments of ps; null or empty means <c>-ef</c>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<TopResult> TopAsync(string container, string? psArgs, CancellationToken cancellationToken)
    {
        Container found = _parts.Containers.Find(container);
        ContainerStopper.RunningShim(found);
        return ProcessListing.ReadAsync(found.State.Pid, psArgs, cancellationToken);
    }

    /// <summary>Changes limits and restart policy.</summary>
    /// <exception cref="Errors.EngineException">InvalidArgument: a value is wrong. Internal: the kernel refuses; nothing is changed in the container's documents.</exception>
    /// <param name="container">Which.</param>
    /// <param name="request">What to change.</param>
    /// <param name="cancellationToken">Gives up waiting for the container's turn.</param>
    /// <returns>Warnings.</returns>
    public async Task<IReadOnlyList<string>> UpdateAsync(string container, UpdateContainerRequest request, CancellationToken cancellationToken)
    {
        Container found = _parts.Containers.Find(container);
        IReadOnlyList<string> warnings = [];
        await WithTurnAsync(found, async () =>
        {
            warnings = ContainerUpdate.Apply(found, request, _parts);
            await _parts.Records.UpdateDocumentAsync(found);
            _parts.Publish(found, "update");
        }, cancellationToken);
        return warnings;
    }

    /// <summary>Tells what a container uses now.</summary>
    /// <param name="container">Which.</param>
    public ContainerStatistics Statistics(string container) => StatisticsReader.Read(_parts.Containers.Find(container), _parts);

    /// <summary>Tells what a container is made of.</summary>
    /// <param name="container">Which.</param>
    public ContainerExplanation Explain(string container)
    {
        Container found = _parts.Containers.Find(container);
        return new ContainerExplainer(_parts).Explain(found);
    }
}
