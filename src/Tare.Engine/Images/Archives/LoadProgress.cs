namespace Tare.Engine.Images.Archives;

/// <summary>A step of a load.</summary>
/// <param name="Id">Short id of the layer; null for a step of the whole.</param>
/// <param name="Status">What happens to the layer.</param>
/// <param name="Current">Bytes done.</param>
/// <param name="Total">Bytes to do.</param>
/// <param name="Text">A line for the user, with its line feed; null for a step of a layer.</param>
public sealed record LoadProgress(string? Id, string Status, long Current = 0, long Total = 0, string? Text = null);
