using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Lifecycle;
using Tare.Engine.Links;
using Tare.Runtime.Shim.Client;

namespace Tare.Engine.Execs;

/// <summary>Further processes in running containers.</summary>
public sealed class ExecService
{
    /// <summary>Longest wait for the end of a container whose shim has died.</summary>
    private static readonly TimeSpan s_endPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_endPoll = TimeSpan.FromMilliseconds(20);

    private readonly EngineParts _parts;
    private readonly ExecTable _table;

    internal ExecService(EngineParts parts, ExecTable table)
    {
        _parts = parts;
        _table = table;
    }

    /// <summary>Prepares an exec session; nothing runs yet.</summary>
    /// <exception cref="EngineException">NotFound: no such container. Conflict: it does not run or is paused. InvalidArgument: no command.</exception>
    /// <param name="container">Id, prefix or name of the container.</param>
    /// <param name="config">What to run.</param>
    /// <returns>Id of the session.</returns>
    public string Create(string container, ExecConfig config)
    {
        Container found = Running(container);
        if (config.Cmd is null or [])
        {
            EngineErrors.ThrowInvalid("No exec command specified");
        }

        if (config.User.Length > 0)
        {
            // Docker finds a wrong user here already, and its client has no other way to show the reason.
            ExecProcess.CheckUser(found, config.User);
        }

        ExecSnapshot session = new() { Id = ContainerNames.NewId(), ContainerId = found.Id, Config = config };
        _table.Add(session);
        _parts.Publish(found, "exec_create: " + string.Join(' ', config.Cmd), ("execID", session.Id));
        return session.Id;
    }

    /// <summary>Checks that a session can be started.</summary>
    /// <param name="execId">The session.</param>
    /// <exception cref="EngineException">NotFound, or Conflict: its container does not run, or it was started before (Docker's texts).</exception>
    public void CheckStartable(string execId)
    {
        ExecSnapshot session = _table.Find(execId);
        _ = Running(session.ContainerId);
        if (session.Started)
        {
            throw AlreadyRunning(execId);
        }
    }

    /// <summary>Runs a session's process; returns when its command was executed.</summary>
    /// <exception cref="EngineException">NotFound, Conflict, or InvalidArgument when the command cannot be executed (Docker's texts).</exception>
    /// <param name="execId">The session.</param>
    /// <param name="detach">Whether nobody is attached.</param>
    /// <param name="consoleSize">Height and width of the terminal; null takes the session's.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The streams; null when detached.</returns>
    public async Task<Attachment?> StartAsync(string execId, bool detach, uint[]? consoleSize, CancellationToken cancellationToken)
    {
        ExecSnapshot session = _table.Find(execId);
        Container found = _parts.Containers.Find(session.ContainerId);
        if (!_table.TryClaimStart(execId))
        {
            throw AlreadyRunning(execId);
        }

        ExecConfig config = session.Config;
        try
        {
            // From here on a failure has an exit code: the caller may have answered its client already, who asks for it next.
            RequireRunning(found, session.ContainerId);
            _parts.Publish(found, "exec_start: " + string.Join(' ', config.Cmd!), ("execID", execId));
            ShimExecOptions options = new()
            {
                ExecId = execId,
                Process = ExecProcess.Build(found, config, config.Tty, consoleSize ?? config.ConsoleSize, new ContainerLinks(_parts.Containers).Environment(found), _parts.Options.NoNewPrivileges),
                Stdin = config.AttachStdin && !detach,
                Stdout = config.AttachStdout,
                Stderr = config.AttachStderr,
                Detach = detach,
            };
            found.SetExec(execId, running: true);
            _table.Change(execId, s => s with { Running = true });
            ShimExecResult result = await ContainerStopper.RunningShim(found).ExecAsync(options, cancellationToken);
            _table.Change(execId, s => s.Running ? s with { Pid = result.Pid } : s);
            return result.Stream is null ? null : new Attachment(result.Stream, config.Tty);
        }
        catch (ShimException e)
        {
            Fail(found, execId, e.Kind switch { ShimErrorKind.ExecNotFound => 127, _ => 126 });
            throw Translate(e, found.Id);
        }
        catch (EngineException)
        {
            Fail(found, execId, 126);
            throw;
        }
    }

    /// <summary>
    /// Waits until the end of a session is known whose streams have ended because its shim died. A process that merely closed its streams is not waited for.
    /// </summary>
    /// <param name="execId">The session.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task SettleAsync(string execId, CancellationToken cancellationToken)
    {
        if (_table.TryFind(execId) is not { Running: true } session || _parts.Containers.TryFind(session.ContainerId) is not { } container)
        {
            return;
        }

        try
        {
            if (container.Shim is { } shim)
            {
                await shim.StateAsync(cancellationToken);
                return;
            }
        }
        catch (ShimException)
        {
            // It has died; the container's end is on its way.
        }

        for (TimeSpan waited = TimeSpan.Zero; waited < s_endPatience && _table.TryFind(execId) is { Running: true }; waited += s_endPoll)
        {
            await Task.Delay(s_endPoll, _parts.Time, cancellationToken);
        }
    }

    /// <summary>Finds a session.</summary>
    /// <exception cref="EngineException">NotFound: no such exec instance.</exception>
    /// <param name="execId">The session.</param>
    public ExecSnapshot Inspect(string execId) => _table.Find(execId);

    /// <summary>Sets the size of a session's terminal.</summary>
    /// <param name="execId">The session.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task ResizeAsync(string execId, int height, int width, CancellationToken cancellationToken)
    {
        ExecSnapshot session = _table.Find(execId);
        Container found = Running(session.ContainerId);
        try
        {
            await ContainerStopper.RunningShim(found).ResizeAsync(execId, height, width, cancellationToken);
        }
        catch (ShimException e)
        {
            throw Translate(e, found.Id);
        }
    }

    private static EngineException Translate(ShimException e, string container) => e.Kind switch
    {
        ShimErrorKind.Gone => EngineErrors.NotRunning(container),
        ShimErrorKind.ExecNotFound or ShimErrorKind.ExecDenied =>
            new EngineException(ErrorClass.InvalidArgument, "OCI runtime exec failed: exec failed: unable to start container process: " + e.Message, e),
        _ => new EngineException(ErrorClass.Internal, "OCI runtime exec failed: exec failed: unable to start container process: " + e.Message, e),
    };

    private static EngineException AlreadyRunning(string execId) => new(ErrorClass.Conflict, $"Error: Exec command {execId} is already running");

    private void Fail(Container container, string execId, int exitCode)
    {
        _table.Ended(execId, exitCode);
        container.SetExec(execId, running: false);
    }

    private Container Running(string container)
    {
        Container found = _parts.Containers.Find(container);
        RequireRunning(found, container);
        return found;
    }

    private static void RequireRunning(Container container, string name)
    {
        if (!container.State.IsAlive)
        {
            throw EngineErrors.NotRunning(container.Id);
        }

        if (container.State.Status == ContainerStatus.Paused)
        {
            throw new EngineException(ErrorClass.Conflict, $"Container {name} is paused, unpause the container before exec");
        }
    }
}
