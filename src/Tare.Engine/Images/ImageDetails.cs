using Tare.Engine.Containers;

namespace Tare.Engine.Images;

/// <summary>All about an image.</summary>
public sealed record ImageDetails
{
    /// <summary>Digest of its configuration: <c>sha256:…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Names as <c>repository:tag</c>, in Docker's familiar form.</summary>
    public IReadOnlyList<string> RepoTags { get; init; } = [];

    /// <summary>Names as <c>repository@digest</c>, in Docker's familiar form.</summary>
    public IReadOnlyList<string> RepoDigests { get; init; } = [];

    /// <summary>Remark of its author, or of its import.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Who made it.</summary>
    public string Author { get; init; } = "";

    /// <summary>When it was built; null when it does not say.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>What it runs; <c>Image</c> and <c>Hostname</c> are empty.</summary>
    public required ContainerConfig Config { get; init; }

    /// <summary>Processor architecture in Go's words, such as <c>amd64</c>.</summary>
    public string Architecture { get; init; } = "";

    /// <summary>Variant of the architecture; empty for most.</summary>
    public string Variant { get; init; } = "";

    /// <summary>Operating system.</summary>
    public string Os { get; init; } = "linux";

    /// <summary>Bytes of all its layers, unpacked.</summary>
    public long Size { get; init; }

    /// <summary>Digests of the unpacked layers, the base first.</summary>
    public IReadOnlyList<string> DiffIds { get; init; } = [];

    /// <summary>Folders of the layers, the topmost first.</summary>
    public IReadOnlyList<string> LayerPaths { get; init; } = [];

    /// <summary>When it was last tagged; null for never.</summary>
    public DateTimeOffset? LastTagTime { get; init; }
}
