using System.Text.Json.Serialization;

namespace Tare.Oci.Images;

/// <summary>Manifests of several platforms (image-spec, image-index.md; Docker's manifest list has the same members).</summary>
public sealed class ImageIndex
{
    /// <summary>2.</summary>
    [JsonPropertyName("schemaVersion")]
    public int SchemaVersion { get; set; }

    /// <summary>Media type of this document.</summary>
    [JsonPropertyName("mediaType")]
    public string? MediaType { get; set; }

    /// <summary>The manifests.</summary>
    [JsonPropertyName("manifests")]
    public List<Descriptor> Manifests { get; set => field = JsonValues.Whole(value, static () => new Descriptor()); } = [];

    /// <summary>The manifest for a platform: the first that matches with its variant, else the first that matches at all; null for none.</summary>
    public Descriptor? Select(Platform wanted)
    {
        List<Descriptor> matching = Manifests.FindAll(manifest => manifest.Platform is { } platform && platform.Matches(wanted));
        return matching.Find(manifest => manifest.Platform!.Variant == wanted.Variant) ?? matching.FirstOrDefault();
    }
}
