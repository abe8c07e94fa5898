using System.Text.Json.Serialization;

namespace Tare.Oci.Images;

/// <summary>A step of an image's making (image-spec, config.md, history).</summary>
public sealed class ImageHistory
{
    /// <summary>When.</summary>
    [JsonPropertyName("created")]
    public DateTimeOffset? Created { get; set; }

    /// <summary>The command.</summary>
    [JsonPropertyName("created_by")]
    public string? CreatedBy { get; set; }

    /// <summary>Who.</summary>
    [JsonPropertyName("author")]
    public string? Author { get; set; }

    /// <summary>A remark.</summary>
    [JsonPropertyName("comment")]
    public string? Comment { get; set; }

    /// <summary>Whether the step made no layer.</summary>
    [JsonPropertyName("empty_layer")]
    public bool EmptyLayer { get; set; }
}
