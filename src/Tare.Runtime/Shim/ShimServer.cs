using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Cgroups;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Runtime.Containers;
using Tare.Runtime.Shim.Client;
using Tare.Runtime.Shim.Loop;
using Tare.Runtime.Shim.Protocol;

namespace Tare.Runtime.Shim;

/// <summary>
/// The shim: one thread, one loop, one container. Ends when the container has ended and every subscriber and stream has been sent the rest; a
/// shim without a container ends when its last client leaves.
/// </summary>
internal sealed partial class ShimServer : IDisposable
{
    // How long a fresh shim waits for the daemon that started it.
    private const int FirstClientMilliseconds = 30_000;

    // Rest after which memory goes back to the kernel: soon after a request, which leaves garbage; later after what only touched the program's pages.
    private const int IdleAfterRequestMilliseconds = 300;
    private const int IdleMilliseconds = 1_000;

    private readonly string _id;
    private readonly string _bundle;
    private readonly EventLoop _loop = new();
    private readonly SafeFileHandle _listener;
    private readonly ChildWatch _children;
    private readonly List<ClientConnection> _clients = [];
    private readonly List<ClientConnection> _subscribers = [];
    private readonly List<ClientConnection> _waitForShutdown = [];
    private readonly List<ExecSession> _sessions = [];
    private ContainerSession? _container;
    private bool _ended;
    private bool _hadClient;
    private bool _trimmed = true;
    private bool _hasGarbage;

    public ShimServer(string id, string bundle, SafeFileHandle listener)
    {
        _id = id;
        _bundle = bundle;
        _listener = listener;
        _children = new ChildWatch(_loop, IsFollowed);
        Descriptors.SetNonBlocking(listener);
        _loop.Add(Descriptors.Number(listener), Libc.EPOLLIN, _ => Accept());
    }

    /// <summary>Serves until the end.</summary>
    public void Run()
    {
        while (!IsDone())
        {
            if (_loop.RunOnce(!_hadClient ? FirstClientMilliseconds : _trimmed ? -1 : _hasGarbage ? IdleAfterRequestMilliseconds : IdleMilliseconds))
            {
                _trimmed = false;
            }
            else if (!_hadClient)
            {
                return;
            }
            else
            {
                TrimWhenIdle();
            }
        }
    }

    /// <summary>A connection has closed itself.</summary>
    public void Forget(ClientConnection client)
    {
        _ = _clients.Remove(client);
        _ = _subscribers.Remove(client);
        _ = _waitForShutdown.Remove(client);
        if (_clients.Count == 0 && _container is { IsStarted: false, Exit: null } container)
        {
            // Nobody is left who knows of it: the daemon died between create and start.
            container.KillAll();
        }
    }

    /// <summary>Answers one request line.</summary>
    public void Handle(ClientConnection client, byte[] line)
    {
        _hasGarbage = true;
        ShimReply? reply;
        try
        {
            ShimRequest request = ShimWire.ReadRequest(line);
            reply = Dispatch(client, request);
        }
        catch (ShimException failure)
        {
            reply = Failed(failure.Kind, failure.Message);
        }
        catch (RuntimeException failure)
        {
            reply = Failed(KindOf(failure.Kind), failure.Message);
        }
        catch (JsonException failure)
        {
            reply = Failed(ShimErrorKind.Invalid, $"request: {failure.Path}: {failure.Message}");
        }
        catch (ArgumentException failure)
        {
            reply = Failed(ShimErrorKind.Invalid, failure.Message);
        }
        catch (Exception failure) when (failure is LinuxException or CgroupException or IOException or UnauthorizedAccessException)
        {
            reply = Failed(ShimErrorKind.Failed, failure.Message);
        }

        if (reply is not null)
        {
            client.Reply(reply);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = _clients.Count - 1; i >= 0; i--)
        {
            _clients[i].Close();
        }

        _children.Dispose();
        _loop.Forget(Descriptors.Number(_listener));
        _listener.Dispose();
        _container?.Dispose();
        _loop.Dispose();
    }

    private static ShimReply Failed(ShimErrorKind kind, string message)
    {
        ShimLogFile.Write(message);
        return new ShimReply { Kind = ShimErrorKinds.ToWire(kind), Message = message };
    }

    private static ShimErrorKind KindOf(ErrorKind kind) => kind switch
    {
        ErrorKind.Invalid => ShimErrorKind.Invalid,
        ErrorKind.NotFound => ShimErrorKind.NotFound,
        ErrorKind.ExecNotFound => ShimErrorKind.ExecNotFound,
        ErrorKind.ExecDenied => ShimErrorKind.ExecDenied,
        _ => ShimErrorKind.Failed,
    };

    private bool IsDone() => _ended
        ? !_clients.Exists(c => c.Pending > 0 || c.IsStreaming)
        : _container is null && _hadClient && _clients.Count == 0;

    private void Accept()
    {
        unsafe
        {
            int fd;
            while ((fd = Libc.accept4(Descriptors.Number(_listener), null, null, Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK)) >= 0)
            {
                _hadClient = true;
                _clients.Add(new ClientConnection(_loop, new SafeFileHandle(fd, ownsHandle: true), this));
            }
        }
    }

    private bool IsFollowed(int pid) => (_container is { Exit: null } container && container.Pid == pid) || _sessions.Exists(s => s.Pid == pid && s.ExitCode is null);

    // A pidfd becomes readable when its process has ended (pidfd_open(2)).
    private void Follow(SafePidFd process, Action<ExitStatus> ended)
    {
        int fd = process.Descriptor;
        _loop.Add(fd, Libc.EPOLLIN, _ =>
        {
            if (ChildReaper.TryWait(process) is { } status)
            {
                _loop.Forget(fd);
                ended(status);
                _children.ReapOrphans();
            }
        });
    }

    private void OnSessionEnded(ExecSession session, ExitStatus status)
    {
        session.End(status);
        Publish(new ShimEvent { Event = ShimEvent.ExecExit, ExecId = session.Id, ExitCode = session.ExitCode, At = TimeProvider.System.GetUtcNow() });

        // After the event: who sees the end of the stream asks for the exit code next.
        session.Streams.Finish();
        KeepFewEnded();
    }

    private void KeepFewEnded()
    {
        const int Kept = 64;
        int excess = _sessions.Count(s => s.ExitCode is not null) - Kept;
        _ = excess > 0 && _sessions.Remove(_sessions.Find(s => s.ExitCode is not null)!);
    }

    private void OnContainerEnded(ContainerSession container, ExitStatus status)
    {
        ExitRecord exit = container.End(status);
        foreach (ExecSession session in _sessions.FindAll(s => s.ExitCode is null))
        {
            session.PidFd.TrySendSignal(Libc.SIGKILL);
            _loop.Forget(session.PidFd.Descriptor);
            OnSessionEnded(session, ChildReaper.Wait(session.PidFd));
        }

        Publish(ExitEvent(exit));
        _ended = true;
        foreach (ClientConnection client in _waitForShutdown.ToArray())
        {
            client.Reply(new ShimReply { Ok = true });
        }
    }

    private static ShimEvent ExitEvent(ExitRecord exit) =>
        new() { Event = ShimEvent.Exit, ExitCode = exit.ExitCode, At = exit.ExitedAt, Oom = exit.OomKilled };

    private void Publish(ShimEvent occurrence)
    {
        foreach (ClientConnection subscriber in _subscribers.ToArray())
        {
            subscriber.Send(occurrence);
        }
    }

    private void TrimWhenIdle()
    {
        if (_hasGarbage)
        {
            // The program's pages go in the next round: the finaliser's thread still runs after a collection and would bring its own back.
            _hasGarbage = false;
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            return;
        }

        _trimmed = true;
        ResidentMemory.ReleaseUnchangedFilePages();
    }
}
