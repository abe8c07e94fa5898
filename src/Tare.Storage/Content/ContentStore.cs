using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Tare.Oci.Images;

namespace Tare.Storage.Content;

/// <summary>
/// Content by digest, one file each below <c>sha256/</c>. A file appears there only whole, verified and on the disk: it is written to
/// <c>ingest/</c>, hashed while it streams, synced, and renamed.
/// </summary>
public sealed class ContentStore
{
    private const int BufferSize = 128 * 1024;
    private readonly string _blobs;
    private readonly string _ingest;
    private readonly ConcurrentDictionary<string, byte> _busy = new(StringComparer.Ordinal); // files of the ingest folder

    /// <summary>Opens the store below <paramref name="root"/>, and removes what an earlier process left half-written.</summary>
    public ContentStore(string root)
    {
        _blobs = Directory.CreateDirectory(Path.Combine(root, "sha256")).FullName;
        _ingest = Directory.CreateDirectory(Path.Combine(root, "ingest")).FullName;
        foreach (string leftover in Directory.EnumerateFiles(_ingest))
        {
            File.Delete(leftover);
        }
    }

    /// <summary>Whether the content is here.</summary>
    public bool Contains(Digest digest) => File.Exists(PathOf(digest));

    /// <summary>The file of a content, whether it is here or not.</summary>
    public string PathOf(Digest digest) => Path.Combine(_blobs, digest.Hex);

    /// <summary>Opens content for reading.</summary>
    /// <exception cref="StorageException">It is not here.</exception>
    public FileStream OpenRead(Digest digest)
    {
        try
        {
            return new FileStream(PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.SequentialScan);
        }
        catch (FileNotFoundException failure)
        {
            throw new StorageException(StorageErrorKind.Missing, $"content {digest} is not in the store", failure);
        }
    }

    /// <summary>Reads content whole, verified again; for documents, which are small.</summary>
    /// <exception cref="StorageException">It is not here, or damaged.</exception>
    public byte[] ReadAllBytes(Digest digest)
    {
        using FileStream file = OpenRead(digest);
        byte[] content = new byte[file.Length];
        file.ReadExactly(content);
        return Digest.Of(content) == digest ? content : throw new StorageException($"content {digest} is damaged on the disk: \"{PathOf(digest)}\"");
    }

    /// <summary>Stores a document.</summary>
    public async Task<Digest> StoreAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Digest digest = Digest.Of(content.Span);
        if (!Contains(digest))
        {
            using MemoryStream stream = new(content.ToArray(), writable: false);
            await IngestAsync(stream, digest, content.Length, null, cancellationToken);
        }

        return digest;
    }

    /// <summary>Stores a stream.</summary>
    /// <param name="source">The content.</param>
    /// <param name="expected">The digest that it must have; null takes it as it comes.</param>
    /// <param name="expectedSize">The size in bytes that it must have; null takes it as it comes.</param>
    /// <param name="progress">Gets the number of bytes so far.</param>
    /// <param name="cancellationToken">Gives up; nothing is left.</param>
    /// <returns>Digest and size.</returns>
    /// <exception cref="StorageException">Digest or size are others.</exception>
    public async Task<(Digest Digest, long Size)> IngestAsync(Stream source, Digest? expected, long? expectedSize, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        string temporary = Path.Combine(_ingest, Guid.NewGuid().ToString("N"));
        _busy.TryAdd(temporary, 0);
        try
        {
            (Digest digest, long size) = await CopyAsync(source, temporary, expectedSize, progress, cancellationToken);
            if (expected is { } wanted && wanted != digest)
            {
                throw new StorageException($"content has digest {digest}, expected {wanted}");
            }

            File.Move(temporary, PathOf(digest), overwrite: true);
            DirectorySync.Sync(_blobs);
            return (digest, size);
        }
        finally
        {
            File.Delete(temporary);
            _busy.TryRemove(temporary, out _);
        }
    }

    /// <summary>Removes content; nothing happens when it is not here.</summary>
    public void Delete(Digest digest) => File.Delete(PathOf(digest));

    /// <summary>All content here.</summary>
    public IEnumerable<Digest> Enumerate()
    {
        foreach (string file in Directory.EnumerateFiles(_blobs))
        {
            if (Digest.TryParse("sha256:" + Path.GetFileName(file), out Digest digest))
            {
                yield return digest;
            }
        }
    }

    /// <summary>Whether content is on the disk as its digest says. False too when it is not here.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public bool Verify(Digest digest, CancellationToken cancellationToken = default)
    {
        try
        {
            using FileStream file = OpenRead(digest);
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] buffer = new byte[BufferSize];
            for (int read; (read = RandomAccess.Read(file.SafeFileHandle, buffer, file.Position)) > 0; file.Position += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }

            return Digest.FromHash(hash.GetHashAndReset()) == digest;
        }
        catch (StorageException)
        {
            return false;
        }
        catch (IOException)
        {
            return false; // the disk does not give it back
        }
    }

    /// <summary>Files here that are neither content nor belong to work under way.</summary>
    public IReadOnlyList<string> Strays() =>
    [
        .. Directory.EnumerateFileSystemEntries(_ingest).Where(path => !_busy.ContainsKey(path)),
        .. Directory.EnumerateFileSystemEntries(_blobs).Where(path => !Digest.TryParse("sha256:" + Path.GetFileName(path), out _) || Directory.Exists(path)),
    ];

    private static async Task<(Digest Digest, long Size)> CopyAsync(Stream source, string path, long? expectedSize, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.None);
            long size = 0;
            int read;
            while ((read = await source.ReadAsync(buffer.AsMemory(0, BufferSize), cancellationToken)) > 0)
            {
                size += read;
                if (size > expectedSize)
                {
                    throw new StorageException($"content is longer than the {expectedSize} bytes that were announced");
                }

                hash.AppendData(buffer, 0, read);
                Write(file, buffer.AsSpan(0, read));
                progress?.Report(size);
            }

            if (expectedSize is { } wanted && size != wanted)
            {
                throw new EndOfStreamException($"content ended after {size} of {wanted} bytes");
            }

            Sync(file);
            return (Digest.FromHash(hash.GetHashAndReset()), size);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Synchronous: it goes to the page cache, and a hop to another thread costs more.
    private static void Write(FileStream file, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(file.SafeFileHandle, bytes, file.Position);
            file.Position += bytes.Length;
        }
        catch (IOException failure)
        {
            throw StorageException.Writing($"write \"{file.Name}\"", failure);
        }
    }

    private static void Sync(FileStream file)
    {
        try
        {
            file.Flush(flushToDisk: true);
        }
        catch (IOException failure)
        {
            throw StorageException.Writing($"fsync \"{file.Name}\"", failure);
        }
    }
}
