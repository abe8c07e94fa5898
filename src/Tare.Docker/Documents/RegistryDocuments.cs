using System.Text.Json.Serialization;

namespace Tare.Docker.Documents;

/// <summary>A repository that a search found.</summary>
internal sealed record SearchResultDocument(
    [property: JsonPropertyName("star_count")] int StarCount,
    [property: JsonPropertyName("is_official")] bool IsOfficial,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("is_automated")] bool IsAutomated,
    [property: JsonPropertyName("description")] string Description);

/// <summary>What a reference stands for in its registry.</summary>
internal sealed record DistributionDocument(DescriptorDocument Descriptor, IReadOnlyList<DistributionPlatformDocument> Platforms);

/// <summary>A pointer to content.</summary>
internal sealed record DescriptorDocument(
    [property: JsonPropertyName("mediaType")] string MediaType, [property: JsonPropertyName("digest")] string Digest, [property: JsonPropertyName("size")] long Size);

/// <summary>A platform of an image in a registry.</summary>
internal sealed record DistributionPlatformDocument(
    [property: JsonPropertyName("architecture")] string Architecture,
    [property: JsonPropertyName("os")] string Os,
    [property: JsonPropertyName("variant"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Variant);

/// <summary>What a push ended with.</summary>
internal sealed record PushResultDocument(string Tag, string Digest, long Size);
