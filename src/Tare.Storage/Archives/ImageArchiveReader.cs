using Tare.Oci.Images;
using Tare.Storage.Content;
using Tare.Storage.Layers;
using Tare.Storage.Tar;

namespace Tare.Storage.Archives;

/// <summary>
/// Reads an image archive (docker save, OCI layout) once from its beginning to its end: documents are kept in memory, each layer is unpacked while it comes. Which files belong
/// together is known only at the end, so a file is taken for what its first bytes say.
/// </summary>
/// <param name="content">Gets compressed layers.</param>
/// <param name="layers">Unpacks.</param>
/// <param name="stored">Told of every blob right before it is in the store: the owner's to keep or delete, also when the archive is refused.</param>
public sealed class ImageArchiveReader(ContentStore content, LayerStore layers, Action<Digest> stored)
{
    private const int BlockSize = 512;
    private const long LargestDocument = 8 << 20;
    private const long LargestDocuments = 256 << 20;

    /// <summary>Reads an archive. Blocks.</summary>
    /// <param name="source">The archive, compressed or not. Closed at the end.</param>
    /// <param name="progress">Told of every layer as it comes: its file's path, bytes so far, bytes in all.</param>
    /// <param name="cancellationToken">Gives up; no layer is left.</param>
    /// <returns>The archive; the caller's to dispose of.</returns>
    /// <exception cref="StorageException">It is damaged, or a layer in it is; no layer is left.</exception>
    public ImageArchive Read(Stream source, Action<string, long, long> progress, CancellationToken cancellationToken)
    {
        ImageArchive archive = new();
        try
        {
            using Stream plain = Compression.Decompress(source);
            TarReader reader = new(plain);
            long documents = 0;
            while (reader.Next() is { } entry)
            {
                cancellationToken.ThrowIfCancellationRequested();
                documents += AddEntry(archive, entry, reader, progress, cancellationToken);
                if (documents > LargestDocuments)
                {
                    throw new StorageException($"the archive has more than {LargestDocuments} bytes of documents");
                }
            }

            plain.CopyTo(Stream.Null);
            return archive;
        }
        catch (Exception failure)
        {
            archive.Dispose();
            if (failure is InvalidDataException or ZstdSharp.ZstdException or EndOfStreamException)
            {
                throw new StorageException($"unexpected EOF: the archive's compressed data is damaged: {failure.Message}", failure);
            }

            throw;
        }
    }

    // Returns the bytes that are held in memory.
    private long AddEntry(ImageArchive archive, TarEntry entry, TarReader reader, Action<string, long, long> progress, CancellationToken cancellationToken)
    {
        switch (entry.Type)
        {
            case '1':
                archive.AddLink(entry.Path, entry.LinkTarget);
                return 0;
            case '2':
                archive.AddLink(entry.Path, Path.GetDirectoryName(ImageArchive.Clean(entry.Path)) + "/" + entry.LinkTarget);
                return 0;
            case '0':
                return AddFile(archive, entry, reader, progress, cancellationToken);
            default:
                return 0;
        }
    }

    private long AddFile(ImageArchive archive, TarEntry entry, TarReader reader, Action<string, long, long> progress, CancellationToken cancellationToken)
    {
        byte[] start = new byte[Math.Min(BlockSize, entry.Size)];
        int length = 0;
        while (length < start.Length)
        {
            length += reader.Read(start.AsSpan(length)); // throws where the archive ends
        }

        EntryStream stream = new(start, reader, count => progress(entry.Path, count, entry.Size));
        switch (FileKinds.Of(start, entry.Size))
        {
            case FileKind.Archive:
                StagedLayer layer = layers.Unpack(stream, cancellationToken, keepsArchive: true);
                archive.Add(entry.Path, new ArchivedFile(layer.DiffId, entry.Size) { Layer = layer });
                return 0;
            case FileKind.CompressedArchive:
                archive.Add(entry.Path, Store(stream, cancellationToken));
                return 0;
            default:
                if (entry.Size > LargestDocument)
                {
                    return 0; // neither a layer nor a document: something that no image needs
                }

                byte[] document = new byte[entry.Size];
                stream.ReadExactly(document);
                archive.Add(entry.Path, new ArchivedFile(Digest.Of(document), entry.Size) { Document = document });
                return entry.Size;
        }
    }

    private ArchivedFile Store(EntryStream stream, CancellationToken cancellationToken)
    {
        (Digest digest, long size) = content.IngestAsync(stream, stored, cancellationToken).GetAwaiter().GetResult();
        return new ArchivedFile(digest, size) { Layer = layers.Unpack(content.OpenRead(digest), cancellationToken), IsStored = true };
    }
}
