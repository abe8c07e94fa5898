using Tare.Oci.Images;

namespace Tare.Storage.Layers;

/// <summary>A layer that is unpacked and has no name yet. Disposing removes it, unless it was given one.</summary>
public sealed class StagedLayer : IDisposable
{
    private readonly Action<string> _released;
    private bool _kept;

    internal StagedLayer(string folder, Digest diffId, long sizeBytes, Action<string> released)
    {
        Folder = folder;
        _released = released;
        DiffId = diffId;
        SizeBytes = sizeBytes;
    }

    /// <summary>Digest of the uncompressed archive.</summary>
    public Digest DiffId { get; }

    /// <summary>Bytes of the layer's files.</summary>
    public long SizeBytes { get; }

    /// <summary>Bytes of the uncompressed archive.</summary>
    public long ArchiveSizeBytes { get; internal init; }

    /// <summary>Its tree, in overlayfs's format.</summary>
    public string TreePath => Path.Combine(Folder, "diff");

    /// <summary>Where it lies: below the staging folder, until it has its name.</summary>
    public string Folder { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_kept)
        {
            TreeRemover.Remove(Folder);
            _released(Folder);
        }
    }

    internal void Keep()
    {
        _kept = true;
        _released(Folder);
    }
}
