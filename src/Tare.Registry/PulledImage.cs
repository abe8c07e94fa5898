using Tare.Oci.Images;

namespace Tare.Registry;

/// <summary>An image that was pulled: its layers are unpacked, its documents are in the content store.</summary>
public sealed record PulledImage
{
    /// <summary>The layers as the manifest describes them, the base first.</summary>
    public required IReadOnlyList<Descriptor> Layers { get; init; }

    /// <summary>Digest of the configuration: the image's id.</summary>
    public required Digest ConfigDigest { get; init; }

    /// <summary>Digest of the manifest.</summary>
    public required Digest ManifestDigest { get; init; }

    /// <summary>Digest of the index that led to the manifest; null when none did.</summary>
    public Digest? IndexDigest { get; init; }

    /// <summary>The digest that the reference stands for: the index's, or the manifest's.</summary>
    public Digest ReferenceDigest => IndexDigest ?? ManifestDigest;

    /// <summary>The configuration.</summary>
    public required ImageConfiguration Configuration { get; init; }

    /// <summary>Digests of the layer blobs, the base first.</summary>
    public required IReadOnlyList<Digest> LayerDigests { get; init; }

    /// <summary>Chain ids of the layers, the base first.</summary>
    public required IReadOnlyList<Digest> ChainIds { get; init; }
}
