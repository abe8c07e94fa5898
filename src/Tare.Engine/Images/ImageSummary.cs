namespace Tare.Engine.Images;

/// <summary>An image in a list.</summary>
public sealed record ImageSummary
{
    /// <summary>Digest of its configuration: <c>sha256:…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Names as <c>repository:tag</c>, in Docker's familiar form.</summary>
    public IReadOnlyList<string> RepoTags { get; init; } = [];

    /// <summary>Names as <c>repository@digest</c>, in Docker's familiar form.</summary>
    public IReadOnlyList<string> RepoDigests { get; init; } = [];

    /// <summary>When it was built; null when it does not say.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>Bytes of all its layers, unpacked.</summary>
    public long Size { get; init; }

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Number of containers that use it.</summary>
    public int Containers { get; init; }
}
