using Microsoft.Extensions.Logging;
using Tare.Engine.Errors;
using Tare.Engine.Events;
using Tare.Engine.Lifecycle;
using Tare.Engine.State;
using Tare.Oci.Images;
using Tare.Registry;
using Tare.Storage;
using Tare.Storage.Content;
using Tare.Storage.Layers;

namespace Tare.Engine.Images;

/// <summary>The parts that the image flows share.</summary>
internal sealed class ImageParts
{
    public ImageParts() => (Leases, Collector) = (new ImageLeases(this), new ContentCollector(this));

    public required ImageTable Table { get; init; }

    public required EngineDatabase Database { get; init; }

    public required ContentStore Content { get; init; }

    public required LayerStore Layers { get; init; }

    public required RegistryClient Registry { get; set; }

    public required ContainerTable Containers { get; init; }

    public required EventBus Events { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }

    /// <summary>What must not be deleted now.</summary>
    public ImageLeases Leases { get; }

    /// <summary>Deletes what nothing needs.</summary>
    public ContentCollector Collector { get; }

    /// <summary>
    /// Takes over an image that the database holds. One of which files are damaged or missing is not shown, but what there is of it stays for the check of the system.
    /// </summary>
    /// <returns>False for one whose removal was cut off: the record is to be removed.</returns>
    public bool Restore(string id, ImageDocument document)
    {
        try
        {
            if (!Content.Contains(Digest.Parse(id)))
            {
                Engine.Log.ImageIncomplete(Log, id, "its configuration is not in the store");
                return false;
            }

            string? missing = document.ChainIds.Find(chainId => !Layers.Contains(Digest.Parse(chainId)));
            if (missing is null)
            {
                Table.Put(ImageReader.Read(id, document, Content.ReadAllBytes(Digest.Parse(id))));
                return true;
            }

            Engine.Log.ImageIncomplete(Log, id, $"layer {missing} is not in the store");
        }
        catch (Exception failure) when (failure is StorageException or EngineException or FormatException)
        {
            Engine.Log.ImageIncomplete(Log, id, failure.Message);
        }

        Table.PutIncomplete(id, document);
        return true;
    }

    /// <summary>Held while records appear or go: a layer is never deleted between its pull and its record.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);
}
