using Tare.Oci.Images;

namespace Tare.Storage.Content;

/// <summary>
/// A blob that comes over as many downloads as it takes: <c>ingest/&lt;hex&gt;</c> holds its first bytes. They are not verified, and count for nothing until the whole is. Nobody else writes it
/// until this is disposed of; what is there then stays for the next download, unless it was <see cref="Drop">dropped</see>.
/// </summary>
public sealed class PartialBlob : IDisposable
{
    private readonly Action<PartialBlob> _release;

    internal PartialBlob(Digest digest, string path, long keptBytes, Action<PartialBlob> release) => (Digest, Path, KeptBytes, _release) = (digest, path, keptBytes, release);

    /// <summary>The digest that the whole must have.</summary>
    public Digest Digest { get; }

    /// <summary>Bytes that an earlier download left: the next one begins here. 0 for none.</summary>
    public long KeptBytes { get; }

    /// <summary>The file.</summary>
    internal string Path { get; }

    /// <summary>Whether the file goes when this is disposed of.</summary>
    internal bool IsDropped { get; private set; }

    /// <summary>The whole blob: what was kept, read from the disk, then the rest. Read asynchronously; closing it closes the rest.</summary>
    /// <param name="rest">The bytes from <see cref="KeptBytes"/> on.</param>
    public Stream Whole(Stream rest) => KeptBytes == 0 ? rest : new ResumedStream(Path, KeptBytes, rest);

    /// <summary>Has the file deleted: it is not the beginning of the blob, or nobody is to go on with it.</summary>
    public void Drop() => IsDropped = true;

    /// <inheritdoc/>
    public void Dispose() => _release(this);
}
