namespace Tare.Storage.Layers;

/// <summary>A file that a container changed.</summary>
/// <param name="Path">Its absolute path in the container.</param>
/// <param name="Kind">What happened.</param>
public sealed record LayerChange(string Path, ChangeKind Kind);
