using Tare.Engine.Containers;
using Tare.Engine.Logs;
using Tare.Engine.Networks;
using Tare.Engine.State;
using Tare.Engine.Validation;
using Tare.Runtime.Shim.Client;

namespace Tare.Engine.Lifecycle;

/// <summary>
/// A container in the engine's memory. Readers take <see cref="Snapshot"/>, which is replaced as a whole. Operations that must not overlap (start, remove, rename, pause) hold
/// <see cref="Turn"/>; kill, stop and the handling of an exit do not, so that a container that hangs in one can always be ended.
/// Changes of the documents happen inside <see cref="Change"/>.
/// </summary>
internal sealed class Container
{
    private static readonly Dictionary<string, List<PortBinding>?> s_noPorts = [];
    private readonly Lock _lock = new();
    private readonly EnginePaths _paths;
    private volatile ContainerSnapshot _snapshot;

    // Guarded by _lock.
    private TaskCompletionSource<ContainerState> _nextExit = NewSignal<ContainerState>();
    private readonly List<PendingAttachment> _pending = [];
    private readonly List<string> _execs = [];

    public Container(string id, string name, ContainerDocument document, RunDocument run, EnginePaths paths)
    {
        Id = id;
        Name = name;
        Document = document;
        Run = run;
        _paths = paths;
        _snapshot = TakeSnapshot();
    }

    public string Id { get; }

    /// <summary>How its log is kept.</summary>
    public LogSettings Log => LogSettings.Of(Document.HostConfig.LogConfig!);

    /// <summary>Path of its current log file; null when nothing is kept.</summary>
    public string? LogFile => Log is { IsKept: true } log ? $"{_paths.Container(Id)}/{log.FileName(Id)}" : null;

    /// <summary>The name without slash; changed by rename, holding <see cref="Turn"/>.</summary>
    public string Name { get; private set; }

    /// <summary>What does not change with the runs.</summary>
    public ContainerDocument Document { get; }

    /// <summary>What changes with the runs.</summary>
    public RunDocument Run { get; }

    /// <summary>The endpoints in force, by network name; empty while it does not run.</summary>
    public Dictionary<string, EndpointSettings> Endpoints { get; } = [];

    /// <summary>The ports in force; empty while it does not run. Replaced as a whole, never changed.</summary>
    public IReadOnlyDictionary<string, List<PortBinding>?> Ports { get; set; } = s_noPorts;

    /// <summary>What it holds on the default bridge while it runs; null for nothing.</summary>
    public NetworkRecord? Network { get; set; }

    /// <summary>Held by operations that must not overlap.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>The connection to its shim while it runs.</summary>
    public ShimClient? Shim { get; set; }

    /// <summary>Pid of its shim while it runs; 0 when not known.</summary>
    public int ShimPid { get; set; }

    /// <summary>The task that watches the shim; completed when the last exit was handled.</summary>
    public Task Watch { get; set; } = Task.CompletedTask;

    /// <summary>Ends the wait before a restart by the policy.</summary>
    public CancellationTokenSource? RestartDelay { get; set; }

    /// <summary>The last delay before a restart; zero before the first.</summary>
    public TimeSpan LastRestartDelay { get; set; }

    /// <summary>When this run began, as <see cref="TimeProvider.GetTimestamp"/> tells it: a user may set the other clock meanwhile. Null for a run that ended before this daemon came.</summary>
    public long? RunBegan { get; set; }

    /// <summary>How long the last run took.</summary>
    public TimeSpan LastRun { get; set; }

    /// <summary>Whether this run's exit is a part of a restart that a user asked for: no auto-remove, no policy.</summary>
    public bool Restarting { get; set; }

    /// <summary>Completes with the last state when it was removed.</summary>
    public TaskCompletionSource<ContainerState> Removed { get; } = NewSignal<ContainerState>();

    /// <summary>The container at this instant.</summary>
    public ContainerSnapshot Snapshot => _snapshot;

    /// <summary>The state at this instant.</summary>
    public ContainerState State => _snapshot.State;

    /// <summary>Completes at the next exit, with the state after it.</summary>
    public Task<ContainerState> NextExit
    {
        get
        {
            lock (_lock)
            {
                return _nextExit.Task;
            }
        }
    }

    /// <summary>Changes the documents and takes a new snapshot.</summary>
    public void Change(Action<Container> change)
    {
        lock (_lock)
        {
            change(this);
            _snapshot = TakeSnapshot();
        }
    }

    /// <summary>Changes the state.</summary>
    public void ChangeState(Func<ContainerState, ContainerState> change) => Change(c => c.Run.State = change(c.Run.State));

    /// <summary>Gives it another name.</summary>
    public void Rename(string name) => Change(c => c.Name = name);

    /// <summary>Takes the state after an exit and tells all who wait for it.</summary>
    public void Exited(Func<ContainerState, ContainerState> change)
    {
        TaskCompletionSource<ContainerState> signal;
        lock (_lock)
        {
            Run.State = change(Run.State);
            Endpoints.Clear();
            Ports = s_noPorts;
            _execs.Clear();
            _snapshot = TakeSnapshot();
            signal = _nextExit;
            _nextExit = NewSignal<ContainerState>();
        }

        signal.SetResult(_snapshot.State);
    }

    /// <summary>Adds an attachment that is made at the next start.</summary>
    public PendingAttachment AddPending(AttachOptions options)
    {
        PendingAttachment pending = new(options);
        lock (_lock)
        {
            _pending.Add(pending);
        }

        return pending;
    }

    /// <summary>Takes out an attachment whose client has gone.</summary>
    public void DropPending(PendingAttachment pending)
    {
        lock (_lock)
        {
            _pending.Remove(pending);
        }
    }

    /// <summary>Takes all attachments that wait for a start.</summary>
    public List<PendingAttachment> TakePending()
    {
        lock (_lock)
        {
            List<PendingAttachment> taken = [.. _pending];
            _pending.Clear();
            return taken;
        }
    }

    /// <summary>Notes that an exec session runs, or ended.</summary>
    public void SetExec(string execId, bool running) => Change(c =>
    {
        c._execs.Remove(execId);
        if (running)
        {
            c._execs.Add(execId);
        }
    });

    private static TaskCompletionSource<T> NewSignal<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ContainerSnapshot TakeSnapshot() => new()
    {
        Id = Id,
        Name = Name,
        Created = Document.Created,
        Path = Document.Path,
        Args = Document.Args,
        ImageId = Document.ImageId,
        ImageManifestDigest = Document.ManifestDigest,
        Config = Document.Config,
        HostConfig = Document.HostConfig,
        State = Run.State,
        RestartCount = Run.RestartCount,
        Mounts = [.. Document.Mounts.Where(m => !m.Hidden).Select(m => m.ToMountPoint())],
        Networks = NetworksNow(),
        Ports = Ports,
        LowerDirs = [.. Document.ChainIds.AsEnumerable().Reverse().Select(_paths.Layer)],
        Folder = _paths.Container(Id),
        LogPath = Document.HostConfig.LogConfig?.Type == "json-file" ? LogFile! : "",
        ExecIds = [.. _execs],
        AppArmorProfile = SecurityOptions.Parse(Document.HostConfig.SecurityOpt).AppArmorOf(Document.HostConfig.Privileged),
        SandboxId = Run.State.StartedAt is null || Document.HostConfig.NetworkMode.StartsWith("container:", StringComparison.Ordinal) ? "" : Id,
        SandboxKey = Run.State.IsAlive ? $"/proc/{Run.State.Pid}/ns/net" : "",
    };

    private Dictionary<string, EndpointSettings> NetworksNow()
    {
        Dictionary<string, EndpointSettings> networks = new(Document.Endpoints);
        foreach ((string name, EndpointSettings endpoint) in Endpoints)
        {
            networks[name] = endpoint;
        }

        return networks;
    }
}
