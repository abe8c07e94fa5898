using System.Text.Json.Serialization;

namespace Tare.Oci.Images;

/// <summary>The layers of an image, unpacked (image-spec, config.md, rootfs).</summary>
public sealed class ImageRootFs
{
    /// <summary><c>layers</c>.</summary>
    [JsonPropertyName("type")]
    public string Type { get; set => field = value ?? ""; } = "layers";

    /// <summary>Digests of the uncompressed layer archives, the base first.</summary>
    [JsonPropertyName("diff_ids")]
    public List<string> DiffIds { get; set => field = JsonValues.Whole(value, static () => ""); } = [];
}
