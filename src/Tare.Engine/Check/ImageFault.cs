namespace Tare.Engine.Check;

/// <summary>Why an image is not whole.</summary>
/// <param name="Kind">What that keeps it from.</param>
/// <param name="Problem">The sentence.</param>
internal sealed record ImageFault(ImageFaultKind Kind, string Problem);

/// <summary>What a fault keeps an image from.</summary>
internal enum ImageFaultKind
{
    /// <summary>Its record is wrong: nothing makes it right.</summary>
    Record,

    /// <summary>It cannot be used: its configuration or a layer is missing.</summary>
    Unusable,

    /// <summary>It runs, but a layer's blob is missing that a push or a save needs.</summary>
    Unsendable,

    /// <summary>It lacks nothing but the manifest by which registries know it.</summary>
    Manifest,
}
