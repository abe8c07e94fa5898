namespace Tare.Engine.Images;

/// <summary>One step of an image's removal.</summary>
/// <param name="Untagged">The name or digest reference that went; null for a deletion.</param>
/// <param name="Deleted">The image id or layer that went; null for an untagging.</param>
public sealed record ImageRemoval(string? Untagged, string? Deleted);
