using Tare.Oci.Images;
using Tare.Storage.Layers;
using Tare.Storage.Tar;

namespace Tare.Storage.Archives;

/// <summary>Writes the files of an image archive one after another; the same files give the same bytes. Blocks; used by one thread.</summary>
/// <param name="output">Gets the archive, in large pieces. Not closed.</param>
public sealed class ImageArchiveWriter(Stream output)
{
    private readonly TarWriter _writer = new(output);

    /// <summary>Adds a directory.</summary>
    /// <param name="path">Its path, with a slash at the end.</param>
    public void AddDirectory(string path) => _writer.WriteHeader(new TarEntry { Path = path, Type = '5', Mode = 0x1ED });

    /// <summary>Adds a document.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="content">Its content.</param>
    /// <param name="modified">Its time of modification; null for 1970.</param>
    public void AddDocument(string path, ReadOnlySpan<byte> content, DateTimeOffset? modified = null)
    {
        _writer.WriteHeader(new TarEntry { Path = path, Type = '0', Mode = 0x1A4, Size = content.Length, ModifiedSeconds = modified?.ToUnixTimeSeconds() ?? 0 });
        _writer.WriteContent(content);
    }

    /// <summary>Adds a layer, and checks on the way that it is the one that it should be.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="content">Its archive, uncompressed. Read and hashed by another thread while this one writes; closed.</param>
    /// <param name="size">Bytes of the archive.</param>
    /// <param name="diffId">Its digest.</param>
    /// <exception cref="StorageException">It is another.</exception>
    public void AddLayer(string path, Stream content, long size, Digest diffId)
    {
        _writer.WriteHeader(new TarEntry { Path = path, Type = '0', Mode = 0x1A4, Size = size });
        HashingStream hashing = new(content);
        using ReadAheadStream ahead = new(hashing);
        try
        {
            _writer.WriteContent(ahead, size);
        }
        catch (EndOfStreamException failure)
        {
            throw new StorageException($"layer {diffId} is damaged on the disk: its archive ends early", failure);
        }

        ahead.CopyTo(Stream.Null);
        Digest found = hashing.Finish();
        if (found != diffId || hashing.Count != size)
        {
            throw new StorageException($"layer {diffId} is damaged on the disk: its archive has digest {found}");
        }
    }

    /// <summary>Ends the archive.</summary>
    public void Finish() => _writer.Finish();
}
