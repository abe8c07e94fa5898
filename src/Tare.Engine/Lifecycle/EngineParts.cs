using Microsoft.Extensions.Logging;
using Tare.Engine.Containers;
using Tare.Engine.Events;
using Tare.Engine.Images;
using Tare.Engine.Layers;
using Tare.Engine.Logs;
using Tare.Engine.Machine;
using Tare.Engine.Networks;
using Tare.Engine.Security;
using Tare.Engine.State;
using Tare.Engine.Users;
using Tare.Engine.Volumes;

namespace Tare.Engine.Lifecycle;

/// <summary>The parts that the container flows share; made once at the engine's start.</summary>
internal sealed record EngineParts
{
    public required TareEngineOptions Options { get; set; }

    /// <summary>Whether the daemon stops its containers to end: nothing is started any more, and what a stop does is no user's wish.</summary>
    public bool ShuttingDown { get; set; }

    public required EnginePaths Paths { get; init; }

    public required EngineDatabase Database { get; init; }

    public required ContainerTable Containers { get; init; }

    public required ContainerRecords Records { get; init; }

    public required ImageTable Images { get; init; }

    public required VolumeTable Volumes { get; init; }

    public required VolumeMounts VolumeMounts { get; init; }

    public required PluginVolumes PluginVolumes { get; init; }

    /// <summary>Containers in user namespaces; null without <c>userns-remap</c>.</summary>
    public UserRemap? Remap { get; init; }

    /// <summary>The maps of a container's user namespace; null when it has none.</summary>
    public UserRemap? RemapOf(HostConfig host) => UserRemap.Wants(host) ? Remap : null;

    public required LimitedLayers Layers { get; init; }

    public required NetworkAttacher Networks { get; init; }

    public required LogForwarders LogForwarders { get; init; }

    public required LogCompressor LogCompressor { get; init; }

    public required EventBus Events { get; init; }

    public required MachineFacts Machine { get; init; }

    /// <summary>The profile of containers on a machine with AppArmor.</summary>
    public required AppArmor AppArmor { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>Tells what happened to a container, with its labels, image and name as attributes.</summary>
    public void Publish(Container container, string action, params (string Name, string Value)[] further)
    {
        Dictionary<string, string> attributes = new(container.Document.Config.Labels ?? [])
        {
            ["image"] = container.Document.Config.Image,
            ["name"] = container.Name,
        };
        foreach ((string name, string value) in further)
        {
            attributes[name] = value;
        }

        Events.Publish("container", action, container.Id, attributes);
    }
}
