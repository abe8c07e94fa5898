using Tare.Engine.Events;
using Tare.Engine.Lifecycle;
using Tare.Engine.State;
using Tare.Registry;
using Tare.Storage.Content;
using Tare.Storage.Layers;

namespace Tare.Engine.Images;

/// <summary>The parts that the image flows share.</summary>
internal sealed record ImageParts
{
    public required ImageTable Table { get; init; }

    public required EngineDatabase Database { get; init; }

    public required ContentStore Content { get; init; }

    public required LayerStore Layers { get; init; }

    public required RegistryClient Registry { get; init; }

    public required ContainerTable Containers { get; init; }

    public required EventBus Events { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Held while records appear or go: a layer is never deleted between its pull and its record.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);
}
