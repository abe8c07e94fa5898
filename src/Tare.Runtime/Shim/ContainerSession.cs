using Microsoft.Win32.SafeHandles;
using Tare.Linux.Cgroups;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;
using Tare.Runtime.Layers;
using Tare.Runtime.Shim.Client;
using Tare.Runtime.Shim.Logs;
using Tare.Runtime.Shim.Loop;
using Tare.Runtime.Shim.Protocol;
using Tare.Runtime.Shim.Streams;

namespace Tare.Runtime.Shim;

/// <summary>The shim's one container, from create until all that it left is removed.</summary>
internal sealed class ContainerSession : IDisposable
{
    private readonly EventLoop _loop;
    private readonly CreatedContainer _container;
    private readonly LogFileWriter? _log;
    private readonly Cgroup _cgroup;
    private readonly string? _exitFile;
    private readonly Action _outOfMemory;
    private OutOfMemoryWatch? _memoryWatch;
    private long _outOfMemoryKills;

    private ContainerSession(EventLoop loop, CreatedContainer container, ProcessStreams streams, LogFileWriter? log, string? exitFile, Action outOfMemory)
    {
        _loop = loop;
        _container = container;
        _cgroup = container.Stored.Cgroup;
        _log = log;
        _exitFile = exitFile;
        _outOfMemory = outOfMemory;
        Streams = streams;
    }

    /// <summary>Pid of the init.</summary>
    public int Pid => _container.Pid;

    /// <summary>The init's pidfd.</summary>
    public SafePidFd PidFd => _container.PidFd;

    /// <summary>The container on disk.</summary>
    public StoredContainer Stored => _container.Stored;

    /// <summary>The init's streams.</summary>
    public ProcessStreams Streams { get; }

    /// <summary>Whether the start gate was opened and the process executed.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>How it ended; null while it has not.</summary>
    public ExitRecord? Exit { get; private set; }

    /// <summary>Launches the container of a bundle up to its start gate.</summary>
    /// <param name="loop">The shim's loop.</param>
    /// <param name="id">The container's id.</param>
    /// <param name="bundle">Path of the bundle.</param>
    /// <param name="request">What to create.</param>
    /// <param name="connections">The shim's sockets, which the container's process must not keep open.</param>
    /// <param name="outOfMemory">Told of each kill by the memory controller.</param>
    /// <param name="logRotated">Told of each rotation of the log.</param>
    /// <exception cref="RuntimeException">The configuration is wrong or a step failed; nothing is left.</exception>
    public static ContainerSession Create(EventLoop loop, string id, string bundle, ShimRequest request, IReadOnlyList<int> connections, Action outOfMemory, Action logRotated)
    {
        RuntimeSpec spec = BundleReader.ReadBundle(bundle, out byte[] configuration);
        bool terminal = spec.Process?.Terminal ?? false;
        // The child has a copy of its own; nothing but the container keeps the mount once this one is closed.
        using SafeFileHandle? upperMount = request.Root?.LimitSocket is { } limit ? LayerClient.TakeMount(limit) : null;
        using SafeFileHandle? rootMount = request.Root is { IsMounted: true } ? new SafeFileHandle(ShimRoot.MountDescriptor, ownsHandle: true) : null;
        LogFileWriter? log = request.Log is { } settings ? new LogFileWriter(settings, TimeProvider.System, ShimLogFile.Write, logRotated) : null;
        ProcessStreams? streams = null;
        StandardStreams? child = null;
        CreatedContainer? container = null;
        try
        {
            if (!terminal)
            {
                streams = ProcessStreams.WithPipes(loop, log, request.OpenStdin, request.StdinOnce, out child);
            }

            container = ContainerLauncher.Create(new CreateRequest
            {
                Id = id,
                BundlePath = bundle,
                Spec = spec,
                Configuration = configuration,
                ClosedDescriptors = connections,
                StateRoot = request.StateRoot ?? throw new RuntimeException(ErrorKind.Invalid, "create: stateRoot is missing"),
                Streams = child,
                Root = request.Root is { } root ? new RootOverlay(root.Lower, root.Upper, root.Work) { UpperMount = upperMount, Mount = rootMount } : null,
                Init = request.Init,
                Warn = ShimLogFile.Write,
            });
            streams ??= ProcessStreams.WithTerminal(loop, log, container.PtyMaster ?? throw new RuntimeException(ErrorKind.Step, "create: the container has no terminal"));
        }
        finally
        {
            CloseAll(child);
            if (container is null)
            {
                streams?.Dispose();
                log?.Dispose();
            }
        }

        ContainerSession session = new(loop, container, streams, log, request.ExitFile, outOfMemory);
        if (request.OomWatch)
        {
            session.WatchMemory();
        }

        return session;
    }

    /// <summary>Opens the start gate; returns when the process is executed.</summary>
    /// <exception cref="RuntimeException">It could not be executed.</exception>
    public void Start()
    {
        _container.Start();
        IsStarted = true;
    }

    /// <summary>Starts a process in the container.</summary>
    /// <exception cref="RuntimeException">It could not be executed.</exception>
    public ExecSession Execute(ShimRequest request)
    {
        ProcessSpec process = request.Process ?? throw new RuntimeException(ErrorKind.Invalid, "exec: process is missing");
        ProcessStreams? streams = null;
        StandardStreams? child = null;
        LaunchedProcess? launched = null;
        try
        {
            if (!process.Terminal)
            {
                streams = ProcessStreams.WithPipes(_loop, null, request.Stdin && !request.Detach, endInputWithClient: true, out child);
            }

            launched = ExecLauncher.Launch(new ExecRequest
            {
                Container = Stored,
                Process = process,
                Streams = child,
                Warn = ShimLogFile.Write,
            });
            streams ??= ProcessStreams.WithTerminal(_loop, null, launched.PtyMaster ?? throw new RuntimeException(ErrorKind.Step, "exec: the process has no terminal"));
        }
        finally
        {
            CloseAll(child);
            if (launched is null)
            {
                streams?.Dispose();
            }
        }

        return new ExecSession(request.ExecId ?? "", launched, streams);
    }

    /// <summary>Sends a signal to the init or to every process. SIGKILL thaws, for a process frozen by cgroup version 1 does not die.</summary>
    /// <exception cref="ShimException">The process has ended.</exception>
    public void Signal(int signal, bool all)
    {
        bool sent = all ? _cgroup.Signal(signal) : _container.PidFd.TrySendSignal(signal);
        if (!sent)
        {
            throw new ShimException(ShimErrorKind.NotFound, "process already finished");
        }

        if (signal == Libc.SIGKILL && !all)
        {
            _cgroup.Thaw();
        }
    }

    /// <summary>Kills everything in the container.</summary>
    public void KillAll()
    {
        _cgroup.KillAll();
        _container.PidFd.TrySendSignal(Libc.SIGKILL);
    }

    /// <summary>Stops the processes, or lets them go on.</summary>
    public void Freeze(bool freeze)
    {
        if (freeze)
        {
            _cgroup.Freeze();
        }
        else
        {
            _cgroup.Thaw();
        }
    }

    /// <summary><c>created</c>, <c>running</c>, <c>paused</c> or <c>stopped</c>.</summary>
    public string Status => Exit is not null ? "stopped" : !IsStarted ? "created" : _cgroup.IsFrozen ? "paused" : "running";

    /// <summary>
    /// The init has ended: passes the rest of its output on, writes the exit file, kills what outlived the init, removes cgroup and state.
    /// </summary>
    public ExitRecord End(ExitStatus status)
    {
        Exit = new ExitRecord
        {
            ExitCode = status.ShellStatus,
            ExitedAt = TimeProvider.System.GetUtcNow(),
            OomKilled = _cgroup.OutOfMemoryKills() > 0,
        };
        _cgroup.KillAll();
        Streams.Finish();
        _log?.Dispose();
        StopMemoryWatch();
        if (_exitFile is not null && IsStarted)
        {
            ExitFile.Write(_exitFile, Exit);
        }

        try
        {
            ContainerStore.Destroy(Stored, ShimLogFile.Write);
        }
        catch (Exception failure) when (failure is RuntimeException or IOException or UnauthorizedAccessException)
        {
            ShimLogFile.Write("clean up: " + failure.Message);
        }

        return Exit;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        StopMemoryWatch();
        _log?.Dispose();
        Streams.Dispose();
        _container.Dispose();
    }

    private static void CloseAll(StandardStreams? streams)
    {
        streams?.Input.Dispose();
        streams?.Output.Dispose();
        streams?.Error.Dispose();
    }

    private void WatchMemory()
    {
        _memoryWatch = OutOfMemoryWatch.TryOpen(_cgroup);
        if (_memoryWatch is { Descriptor: SafeFileHandle descriptor })
        {
            _loop.Add(Descriptors.Number(descriptor), Libc.EPOLLIN, _ => OnMemory());
        }
    }

    private void OnMemory()
    {
        _memoryWatch!.Clear();
        long kills = OutOfMemoryWatch.KillsAfterEvent(_cgroup, _outOfMemoryKills);
        if (kills > _outOfMemoryKills)
        {
            _outOfMemoryKills = kills;
            _outOfMemory();
        }
    }

    private void StopMemoryWatch()
    {
        if (_memoryWatch is not null)
        {
            _loop.Forget(Descriptors.Number(_memoryWatch.Descriptor));
            _memoryWatch.Dispose();
            _memoryWatch = null;
        }
    }
}
