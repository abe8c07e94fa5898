using Tare.Engine.Archives;
using Tare.Engine.Errors;

namespace Tare.Engine.Images.Archives;

/// <summary>Images to archives and back: docker save and load.</summary>
public sealed class ImageArchiveService
{
    private readonly ImageParts _parts;

    internal ImageArchiveService(ImageParts parts) => _parts = parts;

    /// <summary>Chooses images for an archive, which is written when the result is asked to.</summary>
    /// <exception cref="EngineException">NotFound: there is no image of a name, or it is of another platform.</exception>
    /// <param name="names">References or ids; a reference without tag means all tags of the name.</param>
    /// <param name="platform">Platform as <c>os/arch[/variant]</c> that the images must have; null for any.</param>
    public ArchiveSource Save(IReadOnlyList<string> names, string? platform)
    {
        ImageExporter exporter = new(_parts, new ImageFinder(_parts.Table));
        IReadOnlyList<ChosenImage> images = exporter.Choose(names, platform);
        ImageLease lease = _parts.Leases.Take();
        foreach (ChosenImage gone in images.Where(chosen => !lease.TryHold(chosen.Image)))
        {
            _ = lease.DisposeAsync().AsTask();
            throw EngineErrors.NoSuchImage(gone.Image.Id);
        }

        foreach (ChosenImage chosen in images)
        {
            _parts.Events.Publish("image", "save", chosen.Image.Id, new Dictionary<string, string> { ["name"] = chosen.Image.Id });
        }

        return new ArchiveSource(null, (output, token) => exporter.Write(images, output, token), () => _ = lease.DisposeAsync().AsTask());
    }

    /// <summary>Loads all images of an archive of docker save, or of an OCI layout; compressed or not.</summary>
    /// <exception cref="EngineException">InvalidArgument: it is no such archive, or damaged. NotFound: it has no image of the platform. Nothing is left.</exception>
    /// <param name="archive">The archive, read once, synchronously by a thread that may wait.</param>
    /// <param name="platform">Platform as <c>os/arch[/variant]</c> that is taken of several and that images must have; null takes this machine's of several.</param>
    /// <param name="progress">Told of every step; may be called from any thread.</param>
    /// <param name="cancellationToken">Gives up and undoes.</param>
    public Task LoadAsync(Stream archive, string? platform, Action<LoadProgress> progress, CancellationToken cancellationToken) =>
        new ImageLoader(_parts).LoadAsync(archive, string.IsNullOrEmpty(platform) ? null : ImageService.PlatformOf(platform), progress, cancellationToken);
}
