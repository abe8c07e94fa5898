using System.Text.Json;
using System.Text.Json.Serialization;
using Tare.Oci.Images;

namespace Tare.Engine.Images.Archives;

/// <summary>An image in <c>manifest.json</c> of an archive of docker save.</summary>
internal sealed class DockerArchiveImage
{
    /// <summary>Path of the configuration.</summary>
    public string Config { get; set => field = value ?? ""; } = "";

    /// <summary>Names in familiar form; null for none.</summary>
    public List<string>? RepoTags { get; set => field = value?.ConvertAll(static name => name ?? ""); }

    /// <summary>Paths of the layers, the base first.</summary>
    public List<string> Layers { get; set => field = value?.ConvertAll(static layer => layer ?? "") ?? []; } = [];

    /// <summary>The layers' descriptors by diff id.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, Descriptor>? LayerSources { get; set; }
}

/// <summary>A layer's document in archives from before Docker 1.10 (<c>ID/json</c>): the layers are linked by their parents.</summary>
internal sealed class LegacyLayer
{
    /// <summary>Id of the layer below; null for the base.</summary>
    [JsonPropertyName("parent")]
    public string? Parent { get; set; }

    /// <summary>When it was made.</summary>
    [JsonPropertyName("created")]
    public DateTimeOffset? Created { get; set; }

    /// <summary>Who made it.</summary>
    [JsonPropertyName("author")]
    public string? Author { get; set; }

    /// <summary>A remark.</summary>
    [JsonPropertyName("comment")]
    public string? Comment { get; set; }

    /// <summary>Processor architecture.</summary>
    [JsonPropertyName("architecture")]
    public string? Architecture { get; set; }

    /// <summary>Operating system.</summary>
    [JsonPropertyName("os")]
    public string? Os { get; set; }

    /// <summary>What containers run.</summary>
    [JsonPropertyName("config")]
    public JsonElement? Config { get; set; }

    /// <summary>What ran when the layer was made.</summary>
    [JsonPropertyName("container_config")]
    public Containers.ContainerConfig? ContainerConfig { get; set; }
}

/// <summary>Serialiser of the documents of image archives.</summary>
[JsonSourceGenerationOptions(AllowDuplicateProperties = true)]
[JsonSerializable(typeof(List<DockerArchiveImage>))]
[JsonSerializable(typeof(LegacyLayer))]
[JsonSerializable(typeof(Dictionary<string, Dictionary<string, string>>))]
internal sealed partial class ImageArchiveJson : JsonSerializerContext
{
    private static readonly JsonSerializerOptions s_readable = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes Docker's documents: nothing for null, and only what JSON itself forbids as escape sequences.</summary>
    public static ImageArchiveJson Readable { get; } = new(s_readable);

    /// <summary>Writes OCI's documents likewise.</summary>
    public static ImagesJson ReadableImages { get; } = new(new JsonSerializerOptions(s_readable) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault });
}
