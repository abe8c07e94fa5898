using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Tare.Engine.Archives;
using Tare.Engine.Containers;
using Tare.Engine.Devices;
using Tare.Engine.Errors;
using Tare.Engine.Health;
using Tare.Engine.Layers;
using Tare.Engine.Links;
using Tare.Engine.Logs;
using Tare.Engine.Logs.Targets;
using Tare.Engine.Mounts;
using Tare.Engine.Networks;
using Tare.Engine.Security;
using Tare.Engine.Specs;
using Tare.Engine.State;
using Tare.Engine.Users;
using Tare.Engine.Validation;
using Tare.Linux;
using Tare.Linux.Processes;
using Tare.Oci.Runtime;
using Tare.Runtime.Shim.Client;
using Tare.Runtime.Shim.Protocol;

namespace Tare.Engine.Lifecycle;

/// <summary>
/// Starts containers. <see cref="Container.Turn"/> is held by the caller.
/// <code>
/// engine                                         shim
/// socket, spawn                          -->     starts
/// (meanwhile: users, specification, files)
/// create (meanwhile: published ports)    -->     makes the process, up to its gate
/// network into its namespace
/// subscribe, attach for waiting clients  -->
/// start                                  -->     opens the gate, execve
/// </code>
/// </summary>
/// <param name="parts">The engine's parts.</param>
/// <param name="watcher">Watches the container from then on.</param>
/// <param name="health">Checks its health from then on.</param>
internal sealed class ContainerStarter(EngineParts parts, ContainerWatcher watcher, HealthMonitors health)
{
    /// <summary>The text before a failure of the runtime, by which Docker's client and its users know where they are.</summary>
    private const string CreateFailed = "failed to create task for container: failed to create shim task: OCI runtime create failed: "
        + "tare-runtime create failed: unable to start container process: ";

    /// <summary>Longest wait for the shim of a failed start to clean up after itself.</summary>
    private static readonly TimeSpan s_shutdownPatience = TimeSpan.FromSeconds(10);

    private const int CommandNotFound = 127;
    private const int CommandNotExecutable = 126;
    private const int EngineFailed = 128;

    /// <summary>Starts a container that does not run.</summary>
    /// <exception cref="EngineException">The start failed; everything it made is undone and the container keeps the reason.</exception>
    public async Task StartAsync(Container container)
    {
        if (parts.ShuttingDown)
        {
            throw new EngineException(ErrorClass.Unavailable, "the daemon is stopping its containers and starts no other");
        }

        List<PendingAttachment> attachments = [];
        try
        {
            await RunAsync(container, attachments);
        }
        catch (Exception e) when (Translate(e) is { } failure)
        {
            container.ChangeState(s => s with { Error = failure.Message, ExitCode = ExitCodeOf(e) });
            foreach (PendingAttachment pending in attachments.Concat(container.TakePending()))
            {
                pending.Result.TrySetResult(null);
            }

            await parts.Records.UpdateAsync(container);
            parts.Publish(container, "die", ("exitCode", ExitCodeOf(e).ToString(CultureInfo.InvariantCulture)));
            throw failure;
        }
    }

    private static EngineException? Translate(Exception e) => e switch
    {
        EngineException known => known,
        ShimException { Kind: ShimErrorKind.ExecNotFound or ShimErrorKind.ExecDenied } command =>
            new EngineException(ErrorClass.InvalidArgument, CreateFailed + "error during container init: " + command.Message, command),
        ShimException shim => new EngineException(ErrorClass.Internal, CreateFailed + shim.Message, shim),
        IOException file => new EngineException(
            file.HResult == NoSpace ? ErrorClass.ResourceExhausted : ErrorClass.Internal, "failed to create task for container: " + file.Message, file),
        UnauthorizedAccessException denied => new EngineException(ErrorClass.PermissionDenied, "failed to create task for container: " + denied.Message, denied),
        System.Net.Sockets.SocketException socket => new EngineException(ErrorClass.Internal, "failed to create task for container: " + socket.Message, socket),
        _ => null,
    };

    /// <summary>ENOSPC, as .NET gives it in HResult.</summary>
    private const int NoSpace = 28;

    private static int ExitCodeOf(Exception e) => e is ShimException shim
        ? shim.Kind switch
        {
            ShimErrorKind.ExecNotFound => CommandNotFound,
            ShimErrorKind.ExecDenied => CommandNotExecutable,
            _ => EngineFailed,
        }
        : EngineFailed;

    private async Task RunAsync(Container container, List<PendingAttachment> attachments)
    {
        long begin = Stopwatch.GetTimestamp();
        await using CleanupStack undo = new(parts.Log, container.Id);
        string folder = parts.Paths.Shim(container.Id);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        undo.Push(() => Directory.Delete(folder, recursive: true));
        File.Delete(parts.Paths.ExitFile(container.Id));
        ILogTarget? logTarget = await LogForwarders.PrepareAsync(container.Snapshot);
        undo.Push(() => logTarget?.Dispose());
        StartLayer(container, undo);
        UserRemap? remap = RemapOf(container);
        using SafeFileHandle? root = remap is null ? null : MountRoot(remap, container);
        (SpawnedProcess process, ShimClient shim) = await ShimProcess.StartAsync(parts, container.Id, root);
        Task? watch = null;
        undo.Push(() => EndShimAsync(container.Id, process, shim, watch));
        TimeSpan spawned = Stopwatch.GetElapsedTime(begin);
        undo.Push(() => parts.Networks.Release(container));
        Dictionary<ContainerMount, SafeFileHandle> places = [];
        undo.Push(() => Close(places));
        WriteBundle(container, folder, undo, places);
        TimeSpan written = Stopwatch.GetElapsedTime(begin);
        Task publish = Task.Run(() => parts.Networks.Publish(container));
        // What it takes is given back only when it takes no more.
        undo.Push(() => Task.WhenAny(publish));
        int pid = await shim.CreateAsync(CreateOptions(container));
        foreach ((ContainerMount mount, SafeFileHandle place) in places)
        {
            VolumeSubpath.Verify(pid, mount.Destination, place);
        }

        Close(places);
        TimeSpan created = Stopwatch.GetElapsedTime(begin);
        container.Change(c => c.Run.State = c.Run.State with { Pid = pid });
        Task network = ConnectAsync(container, publish, pid);
        undo.Push(() => Task.WhenAny(network));
        TaskCompletionSource<bool> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        undo.Push(() => outcome.TrySetResult(false));
        watch = watcher.Begin(container, shim, process, outcome.Task);
        attachments.AddRange(container.TakePending());
        foreach (PendingAttachment pending in attachments)
        {
            ShimStream stream = await shim.AttachAsync(pending.Options.Stdin, pending.Options.Stdout, pending.Options.Stderr);
            pending.Result.TrySetResult(new Attachment(stream, container.Document.Config.Tty));
        }

        await network;
        MarkRunning(container, shim, process, watch);
        try
        {
            await shim.StartAsync();
        }
        catch (ShimException)
        {
            container.Change(c => (c.Shim, c.Run.State) = (null, c.Run.State with { Status = ContainerStatus.Created, Pid = 0, StartedAt = null }));
            throw;
        }

        undo.Keep();
        _ = StoreAsync(container);
        parts.Publish(container, "start");
        // Before the watch may see the end: what began late would never be ended.
        health.Begin(container, TimeSpan.Zero);
        if (logTarget is not null)
        {
            parts.LogForwarders.Begin(container.Snapshot, logTarget, container.NextExit);
        }

        outcome.SetResult(true);
        TimeSpan started = Stopwatch.GetElapsedTime(begin);
        Log.Started(
            parts.Log,
            container.Id,
            started.TotalMilliseconds,
            string.Create(CultureInfo.InvariantCulture, $"spawn {spawned.TotalMilliseconds:F1}, bundle {written.TotalMilliseconds:F1}, create {created.TotalMilliseconds:F1}"));
    }

    /// <summary>The maps of the container's user namespace; null when it has none.</summary>
    /// <exception cref="EngineException">InvalidArgument: it was created without one, and cannot have one.</exception>
    private UserRemap? RemapOf(Container container)
    {
        HostConfig host = container.Document.HostConfig;
        if (parts.RemapOf(host) is not { } remap)
        {
            return null;
        }

        UserRemap.Check(host);
        return LimitedLayers.NeedsServer(container) ? throw LimitedLayers.CannotMapIds() : remap;
    }

    private SafeFileHandle MountRoot(UserRemap remap, Container container)
    {
        string folder = parts.Paths.Container(container.Id);
        try
        {
            return remap.MountRoot(ContainerView.LowersOf(container, parts), folder + "/upper", folder + "/work");
        }
        catch (LinuxException e)
        {
            throw new EngineException(ErrorClass.Internal, CreateFailed + e.Message, e);
        }
    }

    private async Task ConnectAsync(Container container, Task publish, int pid)
    {
        await publish;
        await Task.Run(() => parts.Networks.Connect(container, pid));
    }

    /// <summary>Done before the gate opens: the exit of a short command must find a running container.</summary>
    private void MarkRunning(Container container, ShimClient shim, SpawnedProcess process, Task watch) => container.Change(c =>
    {
        c.Shim = shim;
        c.ShimPid = process.Pid;
        c.Watch = watch;
        c.RunBegan = parts.Time.GetTimestamp();
        c.Run.State = c.Run.State with
        {
            Status = ContainerStatus.Running,
            StartedAt = parts.Time.GetUtcNow(),
            Error = "",
            ExitCode = 0,
            OomKilled = false,
            Health = HealthRules.AtStart(c.Document.Config.Healthcheck, c.Run.State.Health),
        };
    });

    private async Task StoreAsync(Container container)
    {
        try
        {
            await parts.Records.UpdateAsync(container);
        }
        catch (EngineException e)
        {
            Log.StoreFailed(parts.Log, container.Id, e);
        }
    }

    /// <summary>Ends the shim of a failed start, reaps it (the watch does that once it has begun), and removes what it could not clean up when it was killed.</summary>
    private async Task EndShimAsync(string id, SpawnedProcess process, ShimClient shim, Task? watch)
    {
        using CancellationTokenSource limit = new(s_shutdownPatience);
        try
        {
            await shim.ShutdownAsync(limit.Token);
        }
        catch (ShimException e) when (e.Kind == ShimErrorKind.Gone)
        {
            // It has ended by itself.
        }
        catch (OperationCanceledException)
        {
            // A shim that does not answer keeps the failed start, and whoever waits for it, for ever.
            Log.ShimKilled(parts.Log, id);
            process.PidFd.TrySendSignal(Signals.Kill);
        }

        shim.Dispose();
        if (watch is not null)
        {
            await watch;
        }
        else
        {
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Leftovers.Destroy(parts, id);
    }

    private static void Close(Dictionary<ContainerMount, SafeFileHandle> places)
    {
        foreach (SafeFileHandle place in places.Values)
        {
            place.Dispose();
        }
    }

    private void WriteBundle(Container container, string folder, CleanupStack undo, Dictionary<ContainerMount, SafeFileHandle> places)
    {
        new MountPreparation(parts).CheckSources(container.Id, container.Document.Mounts, undo, places);
        RuntimeSpec spec = SpecBuilder.Build(Inputs(container));
        DeviceRequests.Apply(spec, container.Document.HostConfig.DeviceRequests, parts.Options.CdiFoldersInUse);
        if (spec.Process?.ApparmorProfile == AppArmorProfile.DefaultName)
        {
            parts.AppArmor.EnsureDefault();
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(spec, RuntimeJson.Default.RuntimeSpec);
        File.WriteAllBytes(folder + "/config.json", json);
    }

    private SpecInputs Inputs(Container container)
    {
        HostConfig host = container.Document.HostConfig;
        ContainerConfig config = container.Document.Config;
        Container? joined = Modes.IsContainer(host.NetworkMode, out string? network) ? JoinedNetwork(network) : null;
        int? ipc = JoinedPid(host.IpcMode, "IPC");
        int? pid = JoinedPid(host.PidMode, "PID");
        UserRemap? remap = RemapOf(container);
        NetworkFiles files = parts.Networks.Prepare(container, joined);
        LayeredRoot root = new([parts.Paths.Container(container.Id) + "/upper", .. container.Snapshot.LowerDirs]);
        return new SpecInputs
        {
            Id = container.Id,
            Config = config,
            Host = host,
            Args = [container.Document.Path, .. container.Document.Args],
            Mounts = container.Document.Mounts,
            RootPath = remap is null ? parts.Paths.Container(container.Id) + "/rootfs" : parts.Paths.RemappedRoot,
            Remap = remap,
            UserPid = remap is null ? null : InUserNamespace(joined?.State.Pid ?? ipc ?? pid),
            User = UserResolver.Resolve(config.User, host.GroupAdd, root.TryRead),
            Machine = parts.Machine,
            CgroupsPath = ContainerUpdate.CgroupPathOf(container, parts),
            Hostname = config.Hostname,
            DefaultUlimits = parts.Options.DefaultUlimits,
            NoNewPrivileges = parts.Options.NoNewPrivileges,
            SeccompProfile = parts.Options.SeccompProfile,
            LinkVariables = new ContainerLinks(parts.Containers).Environment(container),
            HostsPath = files.Hosts,
            HostnamePath = files.Hostname,
            ResolvConfPath = files.ResolvConf,
            NetworkPid = joined?.State.Pid,
            IpcPid = ipc,
            PidPid = pid,
        };
    }

    /// <summary>Whoever shares a namespace shares the user namespace that owns it.</summary>
    private static int? InUserNamespace(int? pid) => pid is not { } number || UserRemap.OfProcess(number) is not null
        ? pid
        : throw new EngineException(ErrorClass.Conflict, "cannot share namespaces with a container that is in the host's user namespace (hint: --userns=host)");

    private Container JoinedNetwork(string name)
    {
        Container joined = parts.Containers.TryFind(name)
            ?? throw new EngineException(ErrorClass.NotFound, $"joining network namespace of container: No such container: {name}");
        return joined.State.IsAlive
            ? joined
            : throw new EngineException(
                ErrorClass.Conflict,
                $"cannot join network namespace of a non running container: container {joined.Name} is {joined.State.Status.ToString().ToLowerInvariant()}");
    }

    private int? JoinedPid(string mode, string kind)
    {
        if (!Modes.IsContainer(mode, out string? name))
        {
            return null;
        }

        Container joined = parts.Containers.TryFind(name) ?? throw new EngineException(ErrorClass.InvalidArgument, $"No such container: {name}");
        if (kind == "IPC" && joined.Document.HostConfig.IpcMode is "private" or "none")
        {
            throw new EngineException(ErrorClass.Internal, $"failed to join IPC namespace: container {joined.Id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)");
        }

        return joined.State.IsAlive
            ? joined.State.Pid
            : throw EngineErrors.Late($"failed to join {kind} namespace: container {joined.Id} is not running");
    }

    private void StartLayer(Container container, CleanupStack undo)
    {
        if (LimitedLayers.NeedsServer(container))
        {
            SpawnedProcess server = parts.Layers.Start(container);
            Task exit = container.NextExit;
            TaskCompletionSource failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            undo.Push(() =>
            {
                // Nobody may have taken its mount.
                server.PidFd.TrySendSignal(Signals.Kill);
                failed.SetResult();
            });
            _ = ReapAsync(server, Task.WhenAny(exit, failed.Task));
        }
    }

    private static async Task ReapAsync(SpawnedProcess server, Task end)
    {
        await end;
        await LimitedLayers.ReapAsync(server);
    }

    private ShimCreateOptions CreateOptions(Container container)
    {
        string folder = parts.Paths.Container(container.Id);
        bool isServed = LimitedLayers.NeedsServer(container);
        string layer = isServed ? folder + "/rootfs" : folder;
        HostConfig host = container.Document.HostConfig;
        return new ShimCreateOptions
        {
            StateRoot = parts.Paths.Runtime,
            Root = new ShimRoot
            {
                Lower = [.. ContainerView.LowersOf(container, parts)],
                Upper = layer + "/upper",
                Work = layer + "/work",
                IsMounted = RemapOf(container) is not null,
                LimitSocket = isServed ? parts.Paths.LayerSocket(container.Id) : null,
            },
            Log = LogOf(container),
            OpenStdin = container.Document.Config.OpenStdin,
            StdinOnce = container.Document.Config.StdinOnce,
            ExitFile = parts.Paths.ExitFile(container.Id),
            OomWatch = host.Memory > 0,
            Init = host.Init ?? parts.Options.Init,
        };
    }

    private static ShimLog? LogOf(Container container)
    {
        if (container.LogFile is not { } path)
        {
            return null;
        }

        LogSettings log = container.Log;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new ShimLog
        {
            Path = path,
            MaxSizeBytes = log.MaxSizeBytes,
            MaxFiles = log.MaxFiles,
            Compact = log.Compact,
            Attributes = log.Compact ? null : LogAttributes.JsonOf(LogSubject.Of(container.Snapshot)),
        };
    }
}
