using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tare.Oci.Images;

/// <summary>An image's configuration (image-spec, config.md). Its digest is the image's id.</summary>
public sealed class ImageConfiguration
{
    /// <summary>When it was built, RFC 3339.</summary>
    [JsonPropertyName("created")]
    public DateTimeOffset? Created { get; set; }

    /// <summary>Who made it.</summary>
    [JsonPropertyName("author")]
    public string? Author { get; set; }

    /// <summary>A remark (Docker).</summary>
    [JsonPropertyName("comment")]
    public string? Comment { get; set; }

    /// <summary>Processor architecture.</summary>
    [JsonPropertyName("architecture")]
    public string Architecture { get; set => field = value ?? ""; } = "";

    /// <summary>Variant of the architecture.</summary>
    [JsonPropertyName("variant")]
    public string? Variant { get; set; }

    /// <summary>Operating system.</summary>
    [JsonPropertyName("os")]
    public string Os { get; set => field = value ?? ""; } = "";

    /// <summary>What containers of it run: the object has Docker's container configuration names.</summary>
    [JsonPropertyName("config")]
    public JsonElement? Config { get; set; }

    /// <summary>The layers.</summary>
    [JsonPropertyName("rootfs")]
    public ImageRootFs RootFs
    {
        get;
        set
        {
            HasRootFs = value is not null;
            field = value ?? new ImageRootFs();
        }
    } = new();

    /// <summary>Whether the document names layers at all, be they none: what does not is no image to Docker.</summary>
    [JsonIgnore]
    public bool HasRootFs { get; private set; }

    /// <summary>How it was made, the oldest step first.</summary>
    [JsonPropertyName("history")]
    public List<ImageHistory>? History { get; set => field = value is null ? null : JsonValues.Whole(value, static () => new ImageHistory()); }

    /// <summary>The chain ids of the layers, the base first.</summary>
    /// <exception cref="FormatException">A diff id is no digest.</exception>
    public IReadOnlyList<Digest> ChainIds() => ChainId.Of([.. RootFs.DiffIds.Select(Digest.Parse)]);
}
