using Microsoft.Extensions.Logging;
using Tare.Engine.Archives;
using Tare.Engine.Check;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Events;
using Tare.Engine.Execs;
using Tare.Engine.Filtering;
using Tare.Engine.Health;
using Tare.Engine.Images;
using Tare.Engine.Images.Archives;
using Tare.Engine.Layers;
using Tare.Engine.Lifecycle;
using Tare.Engine.Links;
using Tare.Engine.Logs;
using Tare.Engine.Machine;
using Tare.Engine.Networks;
using Tare.Engine.Security;
using Tare.Engine.State;
using Tare.Engine.Users;
using Tare.Engine.Volumes;
using Tare.Engine.Volumes.Plugins;
using Tare.Registry;
using Tare.Storage.Content;
using Tare.Storage.Layers;

namespace Tare.Engine;

/// <summary>
/// The container engine: what every door calls. <see cref="StartAsync"/> restores the state that an earlier engine left, whatever way that one ended;
/// disposing stops serving and leaves the containers running. All services may be used from any thread, after the start. Failures that a user can cause
/// are <see cref="EngineException"/>s.
/// </summary>
public sealed class TareEngine : IAsyncDisposable
{
    private const string BridgeAddressKey = "bridge-address";

    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly EnginePaths _paths;
    // Clients of earlier set-ups, whose pulls may last. One thread reloads at a time.
    private readonly List<RegistryClient> _outdated = [];
    private readonly VolumePlugins _plugins = new();
    private Services? _services;
    private FileStream? _lock;
    private DefaultBridge? _bridge;
    private UserRemap? _remap;

    /// <summary>Makes an engine; it serves after <see cref="StartAsync"/>.</summary>
    /// <param name="options">Folders and set-up.</param>
    /// <param name="loggers">Makes the loggers of the parts.</param>
    /// <param name="time">The clock.</param>
    public TareEngine(TareEngineOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        Options = options;
        Events = new EventBus(time);
        _log = loggers.CreateLogger("Tare.Engine");
        _time = time;
        _paths = new EnginePaths(Path.GetFullPath(options.DataRoot), Path.GetFullPath(options.ExecRoot));
    }

    /// <summary>The set-up.</summary>
    public TareEngineOptions Options { get; private set; }

    /// <summary>Containers.</summary>
    public ContainerService Containers => Started.Containers;

    /// <summary>Files of containers as archives.</summary>
    public ContainerArchiveService Archives => Started.Archives;

    /// <summary>Exec sessions.</summary>
    public ExecService Execs => Started.Execs;

    /// <summary>Images.</summary>
    public ImageService Images => Started.Images;

    /// <summary>Registries.</summary>
    public RegistryService Registry => Started.Registry;

    /// <summary>Images as archives.</summary>
    public ImageArchiveService ImageArchives => Started.ImageArchives;

    /// <summary>Verifies what the data root keeps.</summary>
    public SystemCheck Check => Started.Check;

    /// <summary>Networks.</summary>
    public NetworkService Networks => Started.Networks;

    /// <summary>Volumes.</summary>
    public VolumeService Volumes => Started.Volumes;

    /// <summary>What happens.</summary>
    public EventBus Events { get; }

    /// <summary>The machine.</summary>
    public SystemService System => Started.System;

    private Services Started => _services ?? throw new EngineException(ErrorClass.Unavailable, "the engine is starting");

    /// <summary>Opens the state, finds the containers that still run, and removes what a crash left behind.</summary>
    /// <exception cref="EngineException">FailedPrecondition: another daemon uses the data root. DataLoss: the state cannot be read.</exception>
    /// <param name="cancellationToken">Gives up before the recovery begins.</param>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _paths.Create();
        _lock = Lock();
        _remap = UserRemap.Create(Options, _paths, _log);
        StateLoader state = new();
        EngineDatabase database = EngineDatabase.Open(_paths.Database, state.Load);
        Dictionary<string, NetworkRecord> networks = ReadNetworks(state);
        _bridge = DefaultBridge.Make(Options, state.Meta.GetValueOrDefault(BridgeAddressKey), [.. networks.Values.SelectMany(NetworkRecords.PortsOf)], _log);
        if (_bridge.Address is { } address && address != state.Meta.GetValueOrDefault(BridgeAddressKey))
        {
            await database.WriteAsync(new Statement("INSERT OR REPLACE INTO meta (key, value) VALUES ($1, $2)", BridgeAddressKey, address));
        }

        ContainerTable containers = new();
        ContentStore content = new(_paths.Content, _time);
        LayerStore layers = new(_paths.Layers);
        ImageParts images = new()
        {
            Table = new ImageTable(),
            Database = database,
            Content = content,
            Layers = layers,
            Registry = ClientOf(Options, content, layers),
            Containers = containers,
            Events = Events,
            Time = _time,
            Log = _log,
        };
        LimitedLayers limits = new(_paths, Options.RuntimePath);
        VolumeTable volumes = new(_paths, database, _time) { Limits = limits, Remap = _remap };
        limits.IsTaken = project => containers.All.Any(c => c.Document.LayerProject == project) || volumes.All.Any(v => v.Value.Project == project);
        EngineParts parts = new()
        {
            Options = Options,
            Paths = _paths,
            Database = database,
            Containers = containers,
            Records = new ContainerRecords(database),
            Images = images.Table,
            Volumes = volumes,
            Layers = limits,
            Remap = _remap,
            VolumeMounts = new VolumeMounts(_paths, volumes, containers, _log),
            PluginVolumes = new PluginVolumes(_plugins, volumes, _log),
            Networks = new NetworkAttacher(_paths, _bridge, new ContainerLinks(containers), Options, _log),
            LogForwarders = new LogForwarders(_time, _log),
            LogCompressor = new LogCompressor(_log),
            Events = Events,
            Machine = MachineFacts.Read(),
            AppArmor = new AppArmor(_paths.Shims),
            Time = _time,
            Log = _log,
        };
        LoadAppArmorProfile(parts);
        Fill(state, parts, images, networks);
        Services services = await BuildAsync(parts, images, state);
        await services.Recovery.RunAsync();
        Log.Restored(_log, containers.All.Count, containers.All.Count(c => c.State.IsAlive), images.Table.All.Count, state.Volumes.Count);
        _services = services;
        _ = StartByPolicyAsync(services, parts);
    }

    // apparmor_parser takes its time; whoever starts a container before it has ended waits for it there.
    private void LoadAppArmorProfile(EngineParts parts)
    {
        if (!AppArmor.IsEnabled)
        {
            return;
        }

        _ = Task.Run(() =>
        {
            try
            {
                parts.AppArmor.EnsureDefault();
            }
            catch (Exception failure) when (failure is EngineException or IOException or UnauthorizedAccessException)
            {
                Log.AppArmorFailed(_log, failure); // each start of a container tries again, and tells its user
            }
        });
    }

    /// <summary>
    /// Stops the running containers where the set-up says that they do not outlive the daemon (<see cref="TareEngineOptions.LiveRestore"/>), each by its stop signal and in its time;
    /// nothing is started any more. Their policies start them again with the next engine.
    /// </summary>
    /// <returns>Whether all of them ended before the limit that <see cref="TareEngineOptions.ShutdownTimeoutSeconds"/> and the containers' own times make.</returns>
    public async Task<bool> ShutdownContainersAsync()
    {
        if (Options.LiveRestore || _services is not { } services)
        {
            return true;
        }

        services.Parts.ShuttingDown = true;
        services.Consequences.Stop();
        return await services.Shutdown.RunAsync();
    }

    /// <summary>Stops serving and closes the state. Containers keep running.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _services, null) is { } services)
        {
            services.Consequences.Stop();
            await services.Health.DisposeAsync();
            await services.Parts.LogForwarders.DisposeAsync();
            await services.Parts.LogCompressor.DisposeAsync();
            await services.Remover.DrainAsync();
            await services.ImageParts.Collector.DrainAsync();
            services.ImageParts.Registry.Dispose();
            _outdated.ForEach(client => client.Dispose());
            await services.Parts.Database.DisposeAsync();
            services.Consequences.Dispose();
        }

        _bridge?.Dispose();
        _remap?.Dispose();
        _plugins.Dispose();
        if (_lock is not null)
        {
            await _lock.DisposeAsync();
        }
    }

    /// <summary>
    /// Takes over what may change while the engine serves: labels, features, registries and how they are spoken to, the defaults of /dev/shm and of namespaces, and what becomes of
    /// containers at the end. Pulls that are under way go on as they began. Everything else waits for the next start.
    /// </summary>
    /// <param name="next">The set-up as it was read again.</param>
    /// <param name="debug">Whether the daemon logs for debugging, which the event tells.</param>
    public void Reload(TareEngineOptions next, bool debug)
    {
        Services services = Started;
        Options = services.Parts.Options = Options with
        {
            IsDebug = debug,
            Labels = next.Labels,
            Features = next.Features,
            InsecureRegistries = next.InsecureRegistries,
            RegistryMirrors = next.RegistryMirrors,
            Registry = next.Registry,
            DefaultShmSizeBytes = next.DefaultShmSizeBytes,
            DefaultIpcMode = next.DefaultIpcMode,
            DefaultCgroupnsMode = next.DefaultCgroupnsMode,
            ShutdownTimeoutSeconds = next.ShutdownTimeoutSeconds,
            LiveRestore = next.LiveRestore,
        };
        _outdated.Add(services.ImageParts.Registry);
        services.ImageParts.Registry = ClientOf(Options, services.ImageParts.Content, services.ImageParts.Layers);
        Events.Publish("daemon", "reload", services.System.Id, ReloadEvent.Attributes(Options, services.Parts.Machine.CgroupVersion, debug));
    }

    private RegistryClient ClientOf(TareEngineOptions options, ContentStore content, LayerStore layers) =>
        new(options.Registry with { InsecureRegistries = options.InsecureRegistries, Mirrors = options.RegistryMirrors, Time = _time }, content, layers);

    private static async Task<Services> BuildAsync(EngineParts parts, ImageParts imageParts, StateLoader state)
    {
        ExecTable execs = new();
        ExecService execService = new(parts, execs);
        HealthMonitors health = new(parts, new HealthProbe(parts, execService, execs));
        ContainerWatcher watcher = new(parts, execs, health);
        ContainerStarter starter = new(parts, watcher, health);
        ContainerRemover remover = new(parts, execs);
        ExitConsequences consequences = new(parts, starter, remover);
        watcher.AfterExit = consequences.ApplyAsync;
        ImageService images = new(imageParts);
        remover.LayersFreed = images.Remover.CollectAsync;
        ContainerStopper stopper = new(parts);
        ContainerFlows flows = new()
        {
            Creator = new ContainerCreator(parts, images.Find, imageParts.Leases.TakeAll),
            Starter = starter,
            Stopper = stopper,
            Remover = remover,
            Filtering = new ContainerFiltering(parts.Containers, images.Find),
        };
        ContainerService containers = new(parts, flows);
        return new Services(
            parts,
            imageParts,
            containers,
            new ContainerArchiveService(parts, imageParts, containers),
            execService,
            images,
            new RegistryService(imageParts),
            new ImageArchiveService(imageParts),
            new SystemCheck(parts, imageParts, remover),
            new NetworkService(parts),
            new VolumeService(parts),
            new SystemService(parts, await DaemonIdAsync(parts, state)),
            starter,
            remover,
            consequences,
            new ContainerShutdown(parts, stopper),
            health,
            new Recovery(parts, watcher, consequences, images.Remover, execs, health));
    }

    private static async Task<string> DaemonIdAsync(EngineParts parts, StateLoader state)
    {
        const string Key = "daemon-id";
        if (state.Meta.TryGetValue(Key, out string? known))
        {
            return known;
        }

        string id = Guid.NewGuid().ToString();
        await parts.Database.WriteAsync(new Statement("INSERT INTO meta (key, value) VALUES ($1, $2)", Key, id));
        return id;
    }

    private static void Fill(StateLoader state, EngineParts parts, ImageParts images, Dictionary<string, NetworkRecord> networks)
    {
        foreach ((string id, ImageDocument document) in state.Images)
        {
            if (!images.Restore(id, document))
            {
                _ = images.Database.WriteAsync(ImageStatements.RemoveNames(id), ImageStatements.Remove(id));
            }
        }

        HashSet<string> known = [.. images.Table.Documents.Select(static image => image.Id)];
        foreach ((string reference, string image, DateTimeOffset tagged) in state.Names.Where(n => known.Contains(n.Image)))
        {
            images.Table.SetName(reference, image, tagged);
        }

        state.Volumes.ForEach(v => parts.Volumes.Restore(v.Name, v.Document));
        foreach ((string id, string name, ContainerDocument document, RunDocument run) in state.Containers)
        {
            parts.Containers.TryReserve(name, id);
            parts.Containers.Add(new Container(id, name, document, run, parts.Paths) { Network = networks.GetValueOrDefault(id) });
        }
    }

    /// <summary>Reads what containers that an earlier daemon started hold on the default bridge.</summary>
    private Dictionary<string, NetworkRecord> ReadNetworks(StateLoader state)
    {
        NetworkRecords records = new(_paths);
        Dictionary<string, NetworkRecord> found = [];
        // Those that are known to run come first: their ports count if a folder of another was left behind.
        foreach ((string id, _, _, _) in state.Containers.OrderByDescending(c => c.Run.State.IsAlive))
        {
            if (records.TryRead(id, _log) is { } record)
            {
                found.Add(id, record);
            }
        }

        return found;
    }

    /// <summary>Starts the containers that their policy wants to run when the daemon does.</summary>
    private async Task StartByPolicyAsync(Services services, EngineParts parts)
    {
        foreach (Container container in parts.Containers.All)
        {
            bool wanted = container.State is { IsAlive: false, StartedAt: not null, Status: not ContainerStatus.Restarting }
                && RestartPolicies.WantsStart(container.Document.HostConfig.RestartPolicy!, container.State.ExitCode, container.Run.RestartCount, container.Run.StoppedByUser);
            if (!wanted)
            {
                continue;
            }

            try
            {
                await services.Containers.StartAsync(container.Id, CancellationToken.None);
            }
            catch (EngineException e)
            {
                Log.RestartFailed(_log, container.Id, e);
            }
        }
    }

    /// <summary>Keeps a second daemon from the data root: the lock ends with the process, however that ends (flock(2)).</summary>
    private FileStream Lock()
    {
        try
        {
            return new FileStream(_paths.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new EngineException(ErrorClass.FailedPrecondition, $"lock \"{_paths.LockFile}\": another daemon uses this data root", e);
        }
    }

    private sealed record Services(
        EngineParts Parts,
        ImageParts ImageParts,
        ContainerService Containers,
        ContainerArchiveService Archives,
        ExecService Execs,
        ImageService Images,
        RegistryService Registry,
        ImageArchiveService ImageArchives,
        SystemCheck Check,
        NetworkService Networks,
        VolumeService Volumes,
        SystemService System,
        ContainerStarter Starter,
        ContainerRemover Remover,
        ExitConsequences Consequences,
        ContainerShutdown Shutdown,
        HealthMonitors Health,
        Recovery Recovery);
}
