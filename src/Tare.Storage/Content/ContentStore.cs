using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Tare.Oci.Images;

namespace Tare.Storage.Content;

/// <summary>
/// Content by digest, one file each below <c>sha256/</c>. A file appears there only whole, verified and on the disk: it is written to
/// <c>ingest/</c>, hashed while it streams, synced, and renamed. Of a download that was broken off the beginning stays there as <c>ingest/&lt;hex&gt;</c> for the next one.
/// </summary>
public sealed partial class ContentStore
{
    private const int BufferSize = 128 * 1024;
    private readonly string _blobs;
    private readonly string _ingest;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, byte> _busy = new(StringComparer.Ordinal); // files of the ingest folder

    /// <summary>Opens the store, and removes what an earlier process left half-written, save beginnings of downloads that are younger than <see cref="PartLifetime"/>.</summary>
    /// <param name="root">Its folder; made.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public ContentStore(string root, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _blobs = Directory.CreateDirectory(Path.Combine(root, "sha256")).FullName;
        _ingest = Directory.CreateDirectory(Path.Combine(root, "ingest")).FullName;
        foreach (string leftover in Directory.EnumerateFiles(_ingest))
        {
            if (!IsPart(leftover) || AgeOf(leftover) >= PartLifetime)
            {
                File.Delete(leftover);
            }
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

    /// <summary>Stores a document, also in the place of one that is damaged.</summary>
    public async Task<Digest> StoreAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Digest digest = Digest.Of(content.Span);
        if (!Verify(digest, cancellationToken))
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
    public Task<(Digest Digest, long Size)> IngestAsync(Stream source, Digest? expected, long? expectedSize, IProgress<long>? progress, CancellationToken cancellationToken)
        => IngestAsync(source, expected, expectedSize, progress, static _ => { }, cancellationToken);

    /// <summary>Stores a stream of which nothing is known.</summary>
    /// <param name="source">The content.</param>
    /// <param name="appears">Told of the digest before content of that digest appears: the time to see to it that nobody deletes it.</param>
    /// <param name="cancellationToken">Gives up; nothing is left.</param>
    /// <returns>Digest and size.</returns>
    /// <exception cref="StorageException">It could not be written.</exception>
    public Task<(Digest Digest, long Size)> IngestAsync(Stream source, Action<Digest> appears, CancellationToken cancellationToken)
        => IngestAsync(source, null, null, null, appears, cancellationToken);

    /// <summary>Removes content, or the beginning of it that nobody is going on with; nothing happens when it is not here.</summary>
    public void Delete(Digest digest)
    {
        File.Delete(PathOf(digest));
        DropPart(Path.Combine(_ingest, digest.Hex));
    }

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

    /// <summary>Files here that are neither content nor belong to work under way, nor are the beginning of a download that may go on.</summary>
    public IReadOnlyList<string> Strays() =>
    [
        .. Directory.EnumerateFileSystemEntries(_ingest).Where(path => !_busy.ContainsKey(path) && !(IsPart(path) && File.Exists(path) && AgeOf(path) < PartLifetime)),
        .. Directory.EnumerateFileSystemEntries(_blobs).Where(path => !Digest.TryParse("sha256:" + Path.GetFileName(path), out _) || Directory.Exists(path)),
    ];

    private string TemporaryPath() => Path.Combine(_ingest, Guid.NewGuid().ToString("N"));

    private async Task<(Digest Digest, long Size)> IngestAsync(
        Stream source, Digest? expected, long? expectedSize, IProgress<long>? progress, Action<Digest> appears, CancellationToken cancellationToken)
    {
        string temporary = TemporaryPath();
        _busy.TryAdd(temporary, 0);
        try
        {
            (Digest digest, long size) = await CopyAsync(source, temporary, 0, expectedSize, progress, cancellationToken);
            appears(digest);
            Publish(temporary, digest, expected);
            return (digest, size);
        }
        finally
        {
            File.Delete(temporary);
            _busy.TryRemove(temporary, out _);
        }
    }

    private void Publish(string path, Digest digest, Digest? expected)
    {
        if (expected is { } wanted && wanted != digest)
        {
            throw new StorageException($"content has digest {digest}, expected {wanted}");
        }

        File.Move(path, PathOf(digest), overwrite: true);
        DirectorySync.Sync(_blobs);
    }

    // The file has the first bytes of the source already: they are hashed, and not written again.
    private static async Task<(Digest Digest, long Size)> CopyAsync(Stream source, string path, long kept, long? expectedSize, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await using FileStream file = new(path, kept > 0 ? FileMode.Open : FileMode.Create, FileAccess.Write, FileShare.Read, 0, FileOptions.None);
            file.Position = kept;
            long size = 0;
            int read;
            while ((read = await source.ReadAsync(buffer.AsMemory(0, BufferSize), cancellationToken)) > 0)
            {
                int known = (int)Math.Clamp(kept - size, 0, read);
                size += read;
                if (size > expectedSize)
                {
                    throw new StorageException($"content is longer than the {expectedSize} bytes that were announced");
                }

                hash.AppendData(buffer, 0, read);
                Write(file, buffer.AsSpan(known, read - known));
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
