using Tare.Oci.Images;
using Tare.Storage.Layers;

namespace Tare.Storage.Archives;

/// <summary>A file of an image archive that was read.</summary>
public sealed class ArchivedFile
{
    internal ArchivedFile(Digest digest, long size) => (Digest, Size) = (digest, size);

    /// <summary>Digest of its bytes.</summary>
    public Digest Digest { get; }

    /// <summary>Its bytes.</summary>
    public long Size { get; }

    /// <summary>Its content, when it is a document; null for a layer.</summary>
    public byte[]? Document { get; internal init; }

    /// <summary>The layer that it was unpacked to; null for a document. Belongs to the archive.</summary>
    public StagedLayer? Layer { get; internal init; }

    /// <summary>Whether it was stored in the content store, since it is a compressed layer: what is pushed later is the same blob then.</summary>
    public bool IsStored { get; internal init; }
}
