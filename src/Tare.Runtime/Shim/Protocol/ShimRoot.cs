namespace Tare.Runtime.Shim.Protocol;

/// <summary>The overlay that becomes a container's root, mounted in the container's own mount namespace only.</summary>
public sealed class ShimRoot
{
    /// <summary>Folders of the read-only layers, the topmost first.</summary>
    public List<string> Lower { get; set; } = [];

    /// <summary>Folder of the writable layer.</summary>
    public string Upper { get; set; } = "";

    /// <summary>overlayfs's work folder, on the same file system as <see cref="Upper"/>.</summary>
    public string Work { get; set; } = "";

    /// <summary>
    /// Socket of the server that keeps the layer to a size; null without a limit. Its mount is put on the root's place, and <see cref="Upper"/> and <see cref="Work"/>
    /// are folders in it.
    /// </summary>
    public string? LimitSocket { get; set; }

    /// <summary>
    /// Whether the overlay is mounted already and was passed to the shim as descriptor <see cref="MountDescriptor"/>: the folders above are in it. So it is where the layers' ids are
    /// mapped, which takes a mount namespace that a container must not see.
    /// </summary>
    public bool IsMounted { get; set; }

    /// <summary>Where the shim finds an overlay that is mounted already.</summary>
    public const int MountDescriptor = 4;
}
