using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Runtime.Shim.Client;
using Tare.Runtime.Shim.Loop;
using Tare.Runtime.Shim.Protocol;
using Tare.Runtime.Shim.Streams;

namespace Tare.Runtime.Shim;

// What each request does.
internal sealed partial class ShimServer
{
    private const int SetWindowSize = 0x5414; // TIOCSWINSZ

    // Returns null when the reply was sent already, or comes later.
    private ShimReply? Dispatch(ClientConnection client, ShimRequest request)
    {
        switch (request.Op)
        {
            case ShimOperations.Create:
                return Create(request);
            case ShimOperations.Start:
                return Start();
            case ShimOperations.Attach:
                return Attach(client, request);
            case ShimOperations.Exec:
                return Execute(client, request);
            case ShimOperations.Resize:
                Resize(request);
                break;
            case ShimOperations.Kill:
                Kill(request);
                break;
            case ShimOperations.Pause or ShimOperations.Resume:
                Running().Freeze(request.Op == ShimOperations.Pause);
                break;
            case ShimOperations.State:
                return new ShimReply { Ok = true, State = State() };
            case ShimOperations.Subscribe:
                return Subscribe(client);
            case ShimOperations.Shutdown:
                return Shutdown(client);
            default:
                throw new ShimException(ShimErrorKind.Invalid, $"unknown operation \"{request.Op}\"");
        }

        return new ShimReply { Ok = true };
    }

    private ContainerSession Running() => _container switch
    {
        null => throw new ShimException(ShimErrorKind.NotFound, "no container was created"),
        { Exit: not null } => throw new ShimException(ShimErrorKind.NotFound, "the container has ended"),
        { } container => container,
    };

    private ShimReply Create(ShimRequest request)
    {
        if (_container is not null)
        {
            throw new ShimException(ShimErrorKind.Invalid, "create: this shim has a container already");
        }

        _container = ContainerSession.Create(
            _loop,
            _id,
            _bundle,
            request,
            [Descriptors.Number(_listener), .. _clients.Select(client => client.Descriptor)],
            () => Publish(new ShimEvent { Event = ShimEvent.OomKill, At = TimeProvider.System.GetUtcNow() }),
            () => Publish(new ShimEvent { Event = ShimEvent.LogRotate }));
        ContainerSession container = _container;
        Follow(container.PidFd, status => OnContainerEnded(container, status));
        return new ShimReply { Ok = true, Pid = container.Pid };
    }

    private ShimReply Start()
    {
        Running().Start();
        return new ShimReply { Ok = true };
    }

    private ShimReply? Attach(ClientConnection client, ShimRequest request)
    {
        ProcessStreams streams = Running().Streams;
        client.Reply(new ShimReply { Ok = true });
        client.BecomeStream(streams, request);
        if (!streams.IsOpen)
        {
            client.Finish();
        }

        return null;
    }

    private ShimReply? Execute(ClientConnection client, ShimRequest request)
    {
        ContainerSession container = Running();
        if (string.IsNullOrEmpty(request.ExecId) || _sessions.Exists(s => s.Id == request.ExecId))
        {
            throw new ShimException(ShimErrorKind.Invalid, $"exec: \"{request.ExecId}\" is empty or in use");
        }

        ExecSession session = container.Execute(request);
        _sessions.Add(session);
        Follow(session.PidFd, status => OnSessionEnded(session, status));
        ShimReply reply = new() { Ok = true, Pid = session.Pid };
        if (request.Detach)
        {
            return reply;
        }

        client.Reply(reply);
        client.BecomeStream(session.Streams, request);
        return null;
    }

    private ExecSession SessionOf(string execId) =>
        _sessions.Find(s => s.Id == execId) ?? throw new ShimException(ShimErrorKind.NotFound, $"no exec session \"{execId}\"");

    private unsafe void Resize(ShimRequest request)
    {
        ProcessStreams streams = request.ExecId is { } execId ? SessionOf(execId).Streams : Running().Streams;
        if (streams.Terminal is not { IsClosed: false } terminal)
        {
            // As the shims of Docker: clients set the size of whatever they attach to.
            return;
        }

        ushort* size = stackalloc ushort[4];
        size[0] = (ushort)Math.Clamp(request.Rows, 0, ushort.MaxValue);
        size[1] = (ushort)Math.Clamp(request.Cols, 0, ushort.MaxValue);
        size[2] = size[3] = 0;
        if (Libc.Syscall(Syscalls.Ioctl, Descriptors.Number(terminal), SetWindowSize, (nint)size) != 0)
        {
            throw LinuxException.Last("ioctl TIOCSWINSZ");
        }
    }

    private void Kill(ShimRequest request)
    {
        if (request.ExecId is not { } execId)
        {
            Running().Signal(request.Signal, request.All);
            return;
        }

        ExecSession session = SessionOf(execId);
        if (session.ExitCode is not null || !session.PidFd.TrySendSignal(request.Signal))
        {
            throw new ShimException(ShimErrorKind.NotFound, "process already finished");
        }
    }

    private ShimState State() => new()
    {
        Pid = _container?.Pid ?? 0,
        Status = _container?.Status ?? "new",
        ShimPid = Environment.ProcessId,
        Exit = _container?.Exit,
        Execs = [.. _sessions.Select(s => new ShimExecState { ExecId = s.Id, Pid = s.Pid, Running = s.ExitCode is null, ExitCode = s.ExitCode })],
    };

    private ShimReply? Subscribe(ClientConnection client)
    {
        client.Reply(new ShimReply { Ok = true });
        _subscribers.Add(client);
        if (_container?.Exit is { } exit)
        {
            client.Send(ExitEvent(exit));
        }

        return null;
    }

    private ShimReply? Shutdown(ClientConnection client)
    {
        if (_container is not { Exit: null } container)
        {
            _ended = true;
            return new ShimReply { Ok = true };
        }

        // Answered when the container has ended.
        _waitForShutdown.Add(client);
        container.KillAll();
        return null;
    }
}
