using Tare.Oci.Images;

namespace Tare.Storage.Layers;

/// <summary>A layer that is unpacked and has no name yet. Disposing removes it, unless it was given one.</summary>
public sealed class StagedLayer : IDisposable
{
    private bool _kept;

    internal StagedLayer(string folder, Digest diffId, long sizeBytes)
    {
        Folder = folder;
        DiffId = diffId;
        SizeBytes = sizeBytes;
    }

    /// <summary>Digest of the uncompressed archive.</summary>
    public Digest DiffId { get; }

    /// <summary>Bytes of the layer's files.</summary>
    public long SizeBytes { get; }

    internal string Folder { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_kept)
        {
            TreeRemover.Remove(Folder);
        }
    }

    internal void Keep() => _kept = true;
}
