using Tare.Engine.Errors;
using Tare.Engine.Images;
using Tare.Engine.Lifecycle;

namespace Tare.Engine.Check;

/// <summary>
/// Verifies everything that the data root keeps of images and containers: every blob against its digest, every layer against its archive, every record against the store, and the store
/// against the records. Containers, pulls and removals go on meanwhile: what could change under the check is asked in the turn of those that change it.
/// </summary>
public sealed class SystemCheck
{
    private readonly EngineParts _engine;
    private readonly ImageParts _images;
    private readonly ContainerRemover _remover;
    private int _running;

    internal SystemCheck(EngineParts engine, ImageParts images, ContainerRemover remover) => (_engine, _images, _remover) = (engine, images, remover);

    /// <summary>Checks, and repairs what can be repaired when that is wished.</summary>
    /// <param name="repair">Removes what belongs to nothing, makes damaged layers and blobs again, removes the records of images that neither this machine nor a registry can make whole.</param>
    /// <param name="cancellationToken">Gives up; what was repaired stays so.</param>
    /// <exception cref="EngineException">Conflict: another check runs.</exception>
    public async Task<CheckReport> RunAsync(bool repair, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _running, 1) != 0)
        {
            throw new EngineException(ErrorClass.Conflict, "a check of the system is running already");
        }

        try
        {
            CheckState state = new(_engine, _images, _remover, repair, cancellationToken);
            await _images.Collector.DrainAsync();
            int blobs = await new BlobCheck(state).RunAsync();
            int layers = await new LayerCheck(state).RunAsync();
            int images = await new RecordCheck(state).RunAsync();
            int containers = await new ContainerCheck(state).RunAsync();
            state.ResolveLayers();
            return new CheckReport { Blobs = blobs, Layers = layers, Images = images, Containers = containers, Findings = state.Findings };
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }
}
