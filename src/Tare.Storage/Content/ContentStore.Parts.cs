using Tare.Oci.Images;

namespace Tare.Storage.Content;

/// <summary>Blobs of which only the beginning is here, for the next download of the same.</summary>
public sealed partial class ContentStore
{
    /// <summary>How long the beginning of a blob is kept after its last byte came: a registry that was down or a machine that moved is back by then, and what a user gave up is not kept for ever.</summary>
    public static readonly TimeSpan PartLifetime = TimeSpan.FromDays(1);

    private readonly Lock _partLock = new(); // held where a part is taken or deleted: nobody deletes what somebody just took

    /// <summary>Begins a download, or goes on with one. Of two at once the second begins anew, beside the first.</summary>
    /// <param name="digest">The digest of the whole.</param>
    /// <param name="size">Bytes of the whole.</param>
    /// <returns>What is here; the caller's to dispose of.</returns>
    public PartialBlob OpenPart(Digest digest, long size)
    {
        string path = Path.Combine(_ingest, digest.Hex);
        lock (_partLock)
        {
            if (!_busy.TryAdd(path, 0))
            {
                string other = TemporaryPath();
                _busy.TryAdd(other, 0);
                return new PartialBlob(digest, other, 0, part => Release(part, keeps: false));
            }

            FileInfo file = new(path);
            if (file.Exists && file.Length > size)
            {
                file.Delete(); // the beginning of something else
            }

            return new PartialBlob(digest, path, file.Exists ? file.Length : 0, part => Release(part, keeps: true));
        }
    }

    /// <summary>Stores a blob that comes over several downloads. When it fails for want of bytes, those that came stay; when digest or size are others, or the disk is full, nothing is left.</summary>
    /// <param name="source">The whole content, as <see cref="PartialBlob.Whole"/> gives it.</param>
    /// <param name="part">What is here already.</param>
    /// <param name="size">The size in bytes that the whole must have.</param>
    /// <param name="progress">Gets the number of bytes so far.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Digest and size.</returns>
    /// <exception cref="StorageException">Digest or size are others.</exception>
    public async Task<(Digest Digest, long Size)> IngestAsync(Stream source, PartialBlob part, long size, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        try
        {
            (Digest digest, _) = await CopyAsync(source, part.Path, part.KeptBytes, size, progress, cancellationToken);
            Publish(part.Path, digest, part.Digest);
            return (digest, size);
        }
        catch (StorageException)
        {
            part.Drop();
            throw;
        }
    }

    /// <summary>Deletes beginnings of blobs that nobody is going on with.</summary>
    /// <param name="olderThan">Only those that got their last byte so long ago.</param>
    /// <returns>The bytes of what was deleted.</returns>
    public long DropParts(TimeSpan olderThan)
    {
        long bytes = 0;
        foreach (string path in Directory.EnumerateFiles(_ingest))
        {
            if (IsPart(path) && AgeOf(path) >= olderThan)
            {
                bytes += DropPart(path);
            }
        }

        return bytes;
    }

    private long DropPart(string path)
    {
        lock (_partLock)
        {
            FileInfo file = new(path);
            if (!file.Exists || _busy.ContainsKey(path))
            {
                return 0;
            }

            long bytes = file.Length;
            file.Delete();
            return bytes;
        }
    }

    private void Release(PartialBlob part, bool keeps)
    {
        lock (_partLock)
        {
            FileInfo file = new(part.Path);
            if (file.Exists && (!keeps || part.IsDropped || file.Length == 0))
            {
                file.Delete();
            }

            _busy.TryRemove(part.Path, out _);
        }
    }

    private static bool IsPart(string path) => Digest.TryParse("sha256:" + Path.GetFileName(path), out _);

    // A time that lies ahead is that of a clock that was wrong: nothing is known of such a file's age.
    private TimeSpan AgeOf(string path)
    {
        TimeSpan age = _time.GetUtcNow() - new FileInfo(path).LastWriteTimeUtc;
        return age < -PartLifetime ? TimeSpan.MaxValue : age < TimeSpan.Zero ? TimeSpan.Zero : age;
    }
}
