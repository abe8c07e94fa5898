namespace Tare.Storage.Layers;

/// <summary>Directories of a container's writable layer.</summary>
/// <param name="UpperDir">The layer itself.</param>
/// <param name="WorkDir">Overlayfs's work directory.</param>
/// <param name="RootPath">The place where the overlay is mounted, inside the container's mount namespace only.</param>
public sealed record WritableLayer(string UpperDir, string WorkDir, string RootPath);
