using Tare.Engine.Errors;
using Tare.Engine.Images.Archives;
using Tare.Oci.Images;
using Tare.Registry;
using Tare.Storage;
using Tare.Storage.Layers;

namespace Tare.Engine.Images;

/// <summary>Finds the blobs of an image's layers, and makes those that it lacks.</summary>
/// <param name="parts">The image parts.</param>
internal sealed class LayerBlobs(ImageParts parts)
{
    /// <summary>Whether all blobs that the image came by, or was pushed by, are here.</summary>
    public bool HasAll(ImageRecord image)
        => image.Document.LayerDigests.Count == image.DiffIds.Count && image.Document.LayerDigests.TrueForAll(blob => parts.Content.Contains(Digest.Parse(blob)));

    /// <summary>
    /// The blob of a layer: the very one that it came by; else that by which another image has the same layer; else its archive, compressed now.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="index">Which layer, counted from the base.</param>
    /// <param name="lease">Holds the blob.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">NotFound: the layer's archive is not here any more.</exception>
    public async Task<UploadBlob> GetAsync(ImageRecord image, int index, ImageLease lease, CancellationToken cancellationToken)
    {
        try
        {
            Digest diffId = Digest.Parse(image.DiffIds[index]);
            Digest? known = BlobOf(image, index)
                ?? parts.Table.All.Select(other => BlobOf(other, other.DiffIds.ToList().IndexOf(image.DiffIds[index]))).FirstOrDefault(blob => blob is not null && blob != diffId);
            // An image that was pulled uncompressed stays what it is.
            if (known is { } digest && (digest != diffId || image.Document.ManifestDigest is not null))
            {
                lease.Hold(digest);
                return Blob(digest);
            }

            using Stream archive = new LayerArchives(parts).Open(image, index);
            return Blob((await new LayerCompressor(parts.Content).CompressAsync(archive, diffId, lease.Hold, cancellationToken)).Digest);
        }
        catch (StorageException failure)
        {
            throw new EngineException(ImageWriter.ClassOf(failure.Kind), failure.Message, failure);
        }
    }

    private Digest? BlobOf(ImageRecord image, int index)
        => index >= 0 && image.Document.LayerDigests.Count == image.DiffIds.Count && Digest.TryParse(image.Document.LayerDigests[index], out Digest digest) && parts.Content.Contains(digest)
            ? digest
            : null;

    /// <summary>A blob of the content store, to be uploaded.</summary>
    public UploadBlob Blob(Digest digest) => new(digest, new FileInfo(parts.Content.PathOf(digest)).Length, () => parts.Content.OpenRead(digest));

    /// <summary>Media type of a layer, by the first bytes of its blob.</summary>
    public static string MediaTypeOf(UploadBlob blob)
    {
        using Stream stream = blob.Open();
        Span<byte> start = stackalloc byte[4];
        int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return start[..length] is [0x1F, 0x8B, ..] ? MediaTypes.OciLayerGzip
            : start[..length] is [0x28, 0xB5, 0x2F, 0xFD] ? MediaTypes.OciLayerZstd
            : MediaTypes.OciLayer;
    }
}
