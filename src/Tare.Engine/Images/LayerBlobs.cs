using Tare.Engine.Errors;
using Tare.Oci.Images;
using Tare.Registry;
using Tare.Storage;
using Tare.Storage.Layers;

namespace Tare.Engine.Images;

/// <summary>Finds the blobs of an image's layers, and makes those that it lacks.</summary>
/// <param name="parts">The image parts.</param>
internal sealed class LayerBlobs(ImageParts parts)
{
    /// <summary>
    /// The blob of a layer: the very one that it came by, where it was pulled; else the archive that it was imported from, compressed now unless it is already.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="index">Which layer, counted from the base.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">NotFound: the layer's archive is not here any more.</exception>
    public async Task<UploadBlob> GetAsync(ImageRecord image, int index, CancellationToken cancellationToken)
    {
        try
        {
            Digest diffId = Digest.Parse(image.DiffIds[index]);
            List<string> known = image.Document.LayerDigests;
            if (known.Count == image.DiffIds.Count && Digest.TryParse(known[index], out Digest digest) && digest != diffId && parts.Content.Contains(digest))
            {
                return Blob(digest);
            }

            if (!parts.Content.Contains(diffId))
            {
                throw new EngineException(ErrorClass.NotFound, $"layer {diffId} of image {image.Id} has no archive in the content store: pull or import the image again");
            }

            // An image that was pulled uncompressed stays what it is.
            return image.Document.ManifestDigest is not null ? Blob(diffId) : Blob((await new LayerCompressor(parts.Content).CompressAsync(diffId, cancellationToken)).Digest);
        }
        catch (StorageException failure)
        {
            throw new EngineException(failure.Kind == StorageErrorKind.NoSpace ? ErrorClass.ResourceExhausted : ErrorClass.DataLoss, failure.Message, failure);
        }
    }

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
