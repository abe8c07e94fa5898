using System.Text.Json.Serialization;

namespace Tare.Oci.Images;

/// <summary>An image of one platform (image-spec, manifest.md; Docker's schema 2 has the same members).</summary>
public sealed class ImageManifest
{
    /// <summary>2.</summary>
    [JsonPropertyName("schemaVersion")]
    public int SchemaVersion { get; set; }

    /// <summary>Media type of this document.</summary>
    [JsonPropertyName("mediaType")]
    public string? MediaType { get; set; }

    /// <summary>The configuration.</summary>
    [JsonPropertyName("config")]
    public Descriptor? Config { get; set; }

    /// <summary>The layers, the base first.</summary>
    [JsonPropertyName("layers")]
    public List<Descriptor> Layers { get; set => field = JsonValues.Whole(value, static () => new Descriptor()); } = [];

    /// <summary>Free metadata.</summary>
    [JsonPropertyName("annotations")]
    public Dictionary<string, string>? Annotations { get; set => field = JsonValues.Values(value, ""); }
}
