using Tare.Engine.Containers;
using Tare.Engine.State;

namespace Tare.Engine.Images;

/// <summary>An image in the engine's memory, immutable; its names are kept by <see cref="ImageTable"/>.</summary>
internal sealed record ImageRecord
{
    /// <summary>Digest of its configuration: <c>sha256:…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The stored part.</summary>
    public required ImageDocument Document { get; init; }

    /// <summary>What it runs.</summary>
    public required ContainerConfig Config { get; init; }

    /// <summary>When it was built; null when it does not say.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>Who made it.</summary>
    public string Author { get; init; } = "";

    /// <summary>Remark on its making.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Architecture in Go's words.</summary>
    public string Architecture { get; init; } = "";

    /// <summary>Variant of the architecture.</summary>
    public string Variant { get; init; } = "";

    /// <summary>Operating system.</summary>
    public string Os { get; init; } = "linux";

    /// <summary>Digests of the unpacked layers, the base first.</summary>
    public IReadOnlyList<string> DiffIds { get; init; } = [];

    /// <summary>Its making, the oldest step first, sizes of layers filled in.</summary>
    public IReadOnlyList<ImageHistoryEntry> History { get; init; } = [];

    /// <summary>Bytes of its unpacked layers.</summary>
    public long Size => Document.LayerSizes.Sum();
}
