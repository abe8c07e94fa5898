using Tare.Oci.Images;

namespace Tare.Engine.State;

/// <summary>The stored part of an image. The configuration itself is a blob of the content store, found by the image's id.</summary>
internal sealed class ImageDocument
{
    /// <summary>Digest of the manifest that it was pulled by, or last pushed by; null for an image that was never in a registry.</summary>
    public string? ManifestDigest { get; set; }

    /// <summary>Digest of the index that led to the manifest; null when none did.</summary>
    public string? IndexDigest { get; set; }

    /// <summary>
    /// Digests of the layers' archives, the base first: of the compressed blob in the content store that a layer came by, or that a push made; the diff ID where the layer store writes the archive
    /// again from its tree.
    /// </summary>
    public List<string> LayerDigests { get; set; } = [];

    /// <summary>Chain ids of the unpacked layers, the base first.</summary>
    public List<string> ChainIds { get; set; } = [];

    /// <summary>Bytes of the unpacked layers, the base first.</summary>
    public List<long> LayerSizes { get; set; } = [];

    /// <summary>
    /// Descriptors of those of <see cref="LayerDigests"/> that must not be passed on (<see cref="MediaTypes.IsForeignLayer"/>); null for none. An image that is made on top of this one has them too.
    /// </summary>
    public List<Descriptor>? ForeignLayers { get; set; }

    /// <summary>The descriptor of a layer that must not be passed on; null for any other.</summary>
    /// <param name="index">Which layer, counted from the base.</param>
    public Descriptor? ForeignLayer(int index) => index < LayerDigests.Count ? ForeignLayers?.Find(layer => layer.Digest == LayerDigests[index]) : null;

    /// <summary>Those of a manifest's layers that must not be passed on; null for none.</summary>
    public static List<Descriptor>? ForeignOf(IEnumerable<Descriptor> layers) => layers.Where(static layer => MediaTypes.IsForeignLayer(layer.MediaType)).ToList() is { Count: > 0 } foreign ? foreign : null;

    /// <summary>Digests of all content that belongs to the image; some of it may not be in the store, as the archive of a layer that is written again from its tree.</summary>
    /// <param name="id">The image's id.</param>
    public IEnumerable<string> ContentOf(string id) => new[] { id, ManifestDigest, IndexDigest }.OfType<string>().Concat(LayerDigests);

    /// <summary>The document of the same image with the blobs that a push made.</summary>
    public ImageDocument WithBlobs(string manifestDigest, List<string> layerDigests) => new()
    {
        ManifestDigest = manifestDigest,
        IndexDigest = IndexDigest,
        LayerDigests = layerDigests,
        ChainIds = ChainIds,
        LayerSizes = LayerSizes,
        ForeignLayers = ForeignLayers,
    };
}
