using Tare.Linux.Files;

namespace Tare.Engine.Users;

/// <summary>Marks that overlayfs leaves on the files of a layer.</summary>
internal static class OverlayMarks
{
    /// <summary>Whether a directory hides what the layers below have at its place.</summary>
    public static bool IsOpaque(string directory) => ExtendedAttributes.TryGet(directory, "trusted.overlay.opaque") is [(byte)'y'];
}
