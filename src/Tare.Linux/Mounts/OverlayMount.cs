using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;
using Tare.Linux.Interop;

namespace Tare.Linux.Mounts;

/// <summary>Mounts overlays in the calling thread's mount namespace (https://docs.kernel.org/filesystems/overlayfs.html).</summary>
public static unsafe class OverlayMount
{
    /// <summary>Whether this kernel takes layers one by one, and as many as there are (<c>lowerdir+</c>, Linux 6.5).</summary>
    public static bool TakesLayersOneByOne { get; } = OperatingSystem.IsOSPlatformVersionAtLeast("linux", 6, 5);

    /// <summary>
    /// Options that keep references to lower layers out of the upper directory, whatever the kernel's defaults are (module parameters redirect_dir and metacopy; Linux 4.10 and 4.19): a
    /// directory that was renamed or a file of which only the mode was changed would mean nothing without the layers below, and an upper directory becomes a layer.
    /// </summary>
    public static IReadOnlyList<(string Name, string? Value)> PlainUpper { get; } = [("redirect_dir", "off"), ("metacopy", "off")];

    /// <summary>
    /// What an upper directory on another file system than the layers needs beside <see cref="PlainUpper"/> to be like one on the same: numbers of inodes that stay when
    /// a file is copied up, and one
    /// device for all of them (xino, Linux 4.17).
    /// </summary>
    public static IReadOnlyList<(string Name, string? Value)> ForeignUpper { get; } = [.. PlainUpper, ("xino", "on")];

    /// <summary>Mounts an overlay.</summary>
    /// <param name="place">The directory to mount it on.</param>
    /// <param name="lowers">The lower directories, the topmost first; two at least when there is no upper one.</param>
    /// <param name="upper">The upper directory; null for a read-only overlay.</param>
    /// <param name="work">The work directory; null with <paramref name="upper"/> only.</param>
    /// <param name="isForeign">Whether the upper directory is on another file system than the layers.</param>
    /// <exception cref="LinuxException">The kernel refuses. E2BIG: before Linux 6.5, more layers than names of descriptors fit in a page (more than 200).</exception>
    public static void Mount(string place, IReadOnlyList<string> lowers, string? upper, string? work, bool isForeign = false)
    {
        if (!TakesLayersOneByOne)
        {
            MountByText(place, lowers, TailOf(upper, work, isForeign));
            return;
        }

        using SafeFileHandle mount = MakeOneByOne(lowers, upper, work, isForeign);
        using ConfinedRoot target = ConfinedRoot.Open(place);
        DetachedMount.Attach(mount, target.Handle, place);
    }

    /// <summary>Makes an overlay that stands nowhere yet; the paths are those of the calling thread's mount namespace, which it may leave for a copy of it.</summary>
    /// <param name="lowers">The lower directories, the topmost first; two at least when there is no upper one.</param>
    /// <param name="upper">The upper directory; null for a read-only overlay.</param>
    /// <param name="work">The work directory; null with <paramref name="upper"/> only.</param>
    /// <exception cref="LinuxException">The kernel refuses. E2BIG as with <see cref="Mount"/>.</exception>
    internal static SafeFileHandle Make(IReadOnlyList<string> lowers, string? upper, string? work)
    {
        if (TakesLayersOneByOne)
        {
            return MakeOneByOne(lowers, upper, work, isForeign: false);
        }

        // What mount(2) makes stands somewhere: here on one of its own layers, where nobody looks.
        DetachedMount.LeaveNamespaceForCopy();
        MountByText(lowers[0], lowers, TailOf(upper, work, isForeign: false));
        return DetachedMount.Copy(lowers[0], recursive: false);
    }

    private static SafeFileHandle MakeOneByOne(IReadOnlyList<string> lowers, string? upper, string? work, bool isForeign)
        => DetachedMount.Make("overlay", [.. LowersOf(lowers), .. TailOf(upper, work, isForeign)], MountAttributes.None);

    private static IEnumerable<(string Name, string? Value)> LowersOf(IEnumerable<string> lowers) => lowers.Select(static lower => (OptionText.AppendedLower, (string?)lower));

    private static List<(string Name, string? Value)> TailOf(string? upper, string? work, bool isForeign)
        => upper is null ? [] : [("upperdir", upper), ("workdir", work), .. isForeign ? ForeignUpper : PlainUpper];

    private static void MountByText(string place, IReadOnlyList<string> lowers, List<(string Name, string? Value)> tail)
    {
        if (TryMountByText(place, OptionText.Of([.. LowersOf(lowers), .. tail])))
        {
            return;
        }

        using FolderDescriptors folders = FolderDescriptors.Open(lowers);
        if (!TryMountByText(place, OptionText.Of([.. LowersOf(lowers.Select(folders.NameOf)), .. tail])))
        {
            throw new LinuxException(Errno.E2BIG, "mount", place);
        }
    }

    private static bool TryMountByText(string place, string options)
    {
        if (OptionText.IsTooLong(options))
        {
            return false;
        }

        fixed (byte* type = FileNames.Encode("overlay"), path = FileNames.Encode(place), data = FileNames.Encode(options))
        {
            return Libc.Syscall(Syscalls.Mount, (nint)type, (nint)path, (nint)type, 0, (nint)data) == 0 ? true : throw LinuxException.Last("mount", place);
        }
    }
}
