using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tare.Docker.Documents;

/// <summary>A volume.</summary>
internal sealed record VolumeDocument
{
    public required string CreatedAt { get; init; }

    public required string Driver { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public required string Mountpoint { get; init; }

    public required string Name { get; init; }

    public IReadOnlyDictionary<string, string>? Options { get; init; }

    public string Scope { get; init; } = "local";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, JsonElement>? Status { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VolumeUsageDocument? UsageData { get; init; }
}

/// <summary>How much a volume holds and how many containers use it.</summary>
internal sealed record VolumeUsageDocument(long RefCount, long Size);

/// <summary>Answer of volume list.</summary>
internal sealed record VolumeListDocument(IReadOnlyList<VolumeDocument> Volumes, IReadOnlyList<string>? Warnings);

/// <summary>Body of volume create.</summary>
internal sealed class CreateVolumeDocument
{
    public string? Name { get; set; }

    public string? Driver { get; set; }

    public Dictionary<string, string>? DriverOpts { get; set; }

    public Dictionary<string, string>? Labels { get; set; }
}

/// <summary>Answer of volume prune.</summary>
internal sealed record VolumesPrunedDocument(IReadOnlyList<string> VolumesDeleted, long SpaceReclaimed);
