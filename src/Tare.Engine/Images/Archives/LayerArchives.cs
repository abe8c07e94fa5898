using Tare.Oci.Images;

namespace Tare.Engine.Images.Archives;

/// <summary>The uncompressed archives of an image's layers: decompressed from the blob that a layer came by, or written again from its tree.</summary>
/// <param name="parts">The image parts.</param>
internal sealed class LayerArchives(ImageParts parts)
{
    /// <summary>Opens the archive of a layer. Whoever reads it checks the diff id.</summary>
    /// <exception cref="Storage.StorageException">Missing: neither the blob nor the record of the archive is here.</exception>
    /// <param name="image">The image.</param>
    /// <param name="index">Which layer, counted from the base.</param>
    public Stream Open(ImageRecord image, int index)
    {
        List<string> known = image.Document.LayerDigests;
        Digest archive = Digest.Parse(known.Count == image.DiffIds.Count ? known[index] : image.DiffIds[index]);
        return parts.Content.Contains(archive)
            ? Storage.Layers.LayerStore.Decompress(parts.Content.OpenRead(archive))
            : parts.Layers.OpenArchive(ChainIdOf(image, index));
    }

    /// <summary>Bytes of the archive. Reads it through where that is not known, as of a layer that was unpacked before sizes were kept.</summary>
    /// <param name="image">The image.</param>
    /// <param name="index">Which layer, counted from the base.</param>
    public long SizeOf(ImageRecord image, int index)
    {
        if (parts.Layers.ArchiveSizeOf(ChainIdOf(image, index)) is { } size)
        {
            return size;
        }

        using Stream archive = Open(image, index);
        byte[] buffer = new byte[128 * 1024];
        long count = 0;
        while (archive.Read(buffer) is > 0 and int read)
        {
            count += read;
        }

        return count;
    }

    private static Digest ChainIdOf(ImageRecord image, int index) => Digest.Parse(image.Document.ChainIds[index]);
}
