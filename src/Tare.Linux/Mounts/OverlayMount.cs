using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;
using Tare.Linux.Interop;

namespace Tare.Linux.Mounts;

/// <summary>Mounts overlays in the calling thread's mount namespace (https://docs.kernel.org/filesystems/overlayfs.html).</summary>
public static unsafe class OverlayMount
{
    private static readonly bool s_appends = OperatingSystem.IsOSPlatformVersionAtLeast("linux", 6, 5);

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
    /// <exception cref="LinuxException">The kernel refuses. E2BIG: before Linux 6.5, all paths together are longer than a page.</exception>
    public static void Mount(string place, IReadOnlyList<string> lowers, string? upper, string? work, bool isForeign = false)
    {
        if (!s_appends)
        {
            MountByOptions(place, lowers, TailOf(upper, work, isForeign));
            return;
        }

        using SafeFileHandle mount = Make(lowers, upper, work, isForeign);
        using ConfinedRoot target = ConfinedRoot.Open(place);
        DetachedMount.Attach(mount, target.Handle, place);
    }

    /// <summary>Makes an overlay that stands nowhere yet; the paths are those of the calling thread's mount namespace.</summary>
    /// <param name="lowers">The lower directories, the topmost first; two at least when there is no upper one.</param>
    /// <param name="upper">The upper directory; null for a read-only overlay.</param>
    /// <param name="work">The work directory; null with <paramref name="upper"/> only.</param>
    /// <param name="isForeign">Whether the upper directory is on another file system than the layers.</param>
    /// <exception cref="LinuxException">The kernel refuses. EINVAL before Linux 6.5, when all paths together are longer than what an option takes.</exception>
    public static SafeFileHandle Make(IReadOnlyList<string> lowers, string? upper, string? work, bool isForeign = false)
    {
        IEnumerable<(string Name, string? Value)> layers = s_appends ? lowers.Select(static lower => ("lowerdir+", (string?)lower)) : [("lowerdir", string.Join(':', lowers))];
        return DetachedMount.Make("overlay", [.. layers, .. TailOf(upper, work, isForeign)], MountAttributes.None);
    }

    private static List<(string Name, string? Value)> TailOf(string? upper, string? work, bool isForeign)
        => upper is null ? [] : [("upperdir", upper), ("workdir", work), .. isForeign ? ForeignUpper : PlainUpper];

    private static void MountByOptions(string place, IReadOnlyList<string> lowers, List<(string Name, string? Value)> tail)
    {
        string options = string.Join(',', [$"lowerdir={string.Join(':', lowers)}", .. tail.Select(static option => $"{option.Name}={option.Value}")]);
        if (options.Length >= Environment.SystemPageSize)
        {
            throw new LinuxException(Errno.E2BIG, "mount", place);
        }

        fixed (byte* type = FileNames.Encode("overlay"), path = FileNames.Encode(place), data = FileNames.Encode(options))
        {
            if (Libc.Syscall(Syscalls.Mount, (nint)type, (nint)path, (nint)type, 0, (nint)data) != 0)
            {
                throw LinuxException.Last("mount", place);
            }
        }
    }
}
