namespace Tare.Runtime.Containers;

/// <summary>An overlay that becomes a container's root. It is mounted in the container's own mount namespace only, so it ends with the container.</summary>
/// <param name="LowerDirs">The read-only layers, the topmost first; at least one.</param>
/// <param name="UpperDir">The writable layer.</param>
/// <param name="WorkDir">Overlayfs's work directory, on the file system of <paramref name="UpperDir"/>.</param>
public sealed record RootOverlay(IReadOnlyList<string> LowerDirs, string UpperDir, string WorkDir)
{
    /// <summary>A detached mount that is put on the root's place first, with the upper and the work directory in it; null when they are there without it. The caller's.</summary>
    public Microsoft.Win32.SafeHandles.SafeFileHandle? UpperMount { get; init; }

    /// <summary>The overlay itself as a detached mount that somebody made before; null when it is to be mounted. The caller's.</summary>
    public Microsoft.Win32.SafeHandles.SafeFileHandle? Mount { get; init; }
}
