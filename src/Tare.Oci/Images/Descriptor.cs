using System.Text.Json.Serialization;

namespace Tare.Oci.Images;

/// <summary>Points to content (image-spec, descriptor.md).</summary>
public sealed class Descriptor
{
    /// <summary>What the content is.</summary>
    [JsonPropertyName("mediaType")]
    public string MediaType { get; set => field = value ?? ""; } = "";

    /// <summary>Digest of the content, unchecked: see <see cref="Digest.Parse"/>.</summary>
    [JsonPropertyName("digest")]
    public string Digest { get; set => field = value ?? ""; } = "";

    /// <summary>Bytes of the content.</summary>
    [JsonPropertyName("size")]
    public long Size { get; set; }

    /// <summary>What the content runs on; null where that does not apply.</summary>
    [JsonPropertyName("platform")]
    public Platform? Platform { get; set; }

    /// <summary>Where else the content may be fetched.</summary>
    [JsonPropertyName("urls")]
    public List<string>? Urls { get; set => field = JsonValues.Strings(value); }

    /// <summary>Type of an artifact, where the content is a manifest of one; null where that does not apply.</summary>
    [JsonPropertyName("artifactType")]
    public string? ArtifactType { get; set; }

    /// <summary>Free metadata.</summary>
    [JsonPropertyName("annotations")]
    public Dictionary<string, string>? Annotations { get; set => field = JsonValues.Values(value, ""); }
}
