using Tare.Linux.Mounts;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Containers;

/// <summary>Short names for a container's lower directories, for kernels that take all layers of an overlay as one text.</summary>
internal static class LowerNames
{
    private const string Prefix = OptionText.AppendedLower + "=";

    // What stands beside the layers in an overlay's options.
    private const int OtherBytes = 200;

    /// <summary>Opens the lower directories of the root and of the mounts where one overlay's would be too long; null where all are short enough, or the kernel takes them one by one.</summary>
    /// <exception cref="Tare.Linux.LinuxException">One is no directory.</exception>
    public static FolderDescriptors? For(RootOverlay? root, RuntimeSpec spec)
        => OverlayMount.TakesLayersOneByOne ? null : ForText(root, spec);

    /// <summary>As <see cref="For"/> on a kernel that takes one text.</summary>
    internal static FolderDescriptors? ForText(RootOverlay? root, RuntimeSpec spec)
    {
        List<IEnumerable<string>> overlays =
            [.. (spec.Mounts ?? []).Where(static mount => mount.Type == "overlay" && mount.Options is not null).Select(static mount => mount.Options!.Where(IsLower).Select(static option => option[Prefix.Length..]))];
        int beside = OtherBytes;
        if (root is { Mount: null })
        {
            overlays.Add(root.LowerDirs);
            beside += root.UpperDir.Length + root.WorkDir.Length;
        }

        return overlays.Exists(lowers => OptionText.IsTooLong(OptionText.Of(lowers.Select(static lower => (OptionText.AppendedLower, (string?)lower))) + new string(' ', beside)))
            ? FolderDescriptors.Open(overlays.SelectMany(static lowers => lowers))
            : null;
    }

    private static bool IsLower(string option) => option.StartsWith(Prefix, StringComparison.Ordinal);
}
