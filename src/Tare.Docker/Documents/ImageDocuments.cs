using System.Text.Json.Serialization;
using Tare.Engine.Containers;

namespace Tare.Docker.Documents;

/// <summary>An image in a list.</summary>
internal sealed record ImageSummaryDocument
{
    public long Containers { get; init; } = -1;

    public long Created { get; init; }

    public required string Id { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public string ParentId { get; init; } = "";

    public required IReadOnlyList<string> RepoDigests { get; init; }

    public required IReadOnlyList<string> RepoTags { get; init; }

    public long SharedSize { get; init; } = -1;

    public long Size { get; init; }
}

/// <summary>Answer of image inspect.</summary>
internal sealed record ImageDocument
{
    public required string Id { get; init; }

    public required IReadOnlyList<string> RepoTags { get; init; }

    public required IReadOnlyList<string> RepoDigests { get; init; }

    public string Parent { get; init; } = "";

    public required string Comment { get; init; }

    public required string Created { get; init; }

    public string DockerVersion { get; init; } = "";

    public required string Author { get; init; }

    public required string Architecture { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Variant { get; init; }

    public required string Os { get; init; }

    public long Size { get; init; }

    public required GraphDriverDocument GraphDriver { get; init; }

    [JsonPropertyName("RootFS")]
    public required RootFsDocument RootFs { get; init; }

    public required ImageMetadataDocument Metadata { get; init; }

    public required ImageConfigDocument Config { get; init; }
}

/// <summary>The layers of an image by digest.</summary>
internal sealed record RootFsDocument(string Type, IReadOnlyList<string> Layers);

/// <summary>What this machine knows of an image.</summary>
internal sealed record ImageMetadataDocument(string LastTagTime);

/// <summary>What an image runs: the part of a container's configuration that images have.</summary>
internal sealed record ImageConfigDocument
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ArgsEscaped { get; init; }

    public List<string>? Cmd { get; init; }

    public List<string>? Entrypoint { get; init; }

    public List<string>? Env { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, EmptyDocument>? ExposedPorts { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HealthConfig? Healthcheck { get; init; }

    public Dictionary<string, string>? Labels { get; init; }

    public List<string>? OnBuild { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<string>? Shell { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? StopSignal { get; init; }

    public string User { get; init; } = "";

    public Dictionary<string, EmptyDocument>? Volumes { get; init; }

    public string WorkingDir { get; init; } = "";
}

/// <summary>A step of an image's making.</summary>
internal sealed record ImageHistoryDocument(string Comment, long Created, string CreatedBy, string Id, long Size, IReadOnlyList<string>? Tags);

/// <summary>A step of an image's removal.</summary>
internal sealed record ImageRemovalDocument(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Untagged, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Deleted);

/// <summary>Answer of image prune.</summary>
internal sealed record ImagesPrunedDocument(IReadOnlyList<ImageRemovalDocument>? ImagesDeleted, long SpaceReclaimed);

/// <summary>A line of a progress stream.</summary>
internal sealed record ProgressDocument
{
    [JsonPropertyName("stream")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Stream { get; init; }

    [JsonPropertyName("status")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Status { get; init; }

    [JsonPropertyName("progressDetail")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ProgressDetailDocument? ProgressDetail { get; init; }

    [JsonPropertyName("progress")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Progress { get; init; }

    [JsonPropertyName("id")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; init; }

    [JsonPropertyName("aux")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PushResultDocument? Aux { get; init; }

    [JsonPropertyName("errorDetail")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ErrorDocument? ErrorDetail { get; init; }

    [JsonPropertyName("error")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }
}

/// <summary>How far a piece of work is, in bytes; zeros are left out.</summary>
internal sealed record ProgressDetailDocument(
    [property: JsonPropertyName("current"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Current,
    [property: JsonPropertyName("total"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Total);
