using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;
using Tare.Linux.Mounts;

namespace Tare.Linux.Files;

/// <summary>
/// An open directory whose content is not trusted, as the root of everything that is looked up in it: links and ".." stay inside, whoever changes the tree meanwhile
/// (openat2(2) with RESOLVE_IN_ROOT, Linux 5.6). Owns its descriptor. May be used from any thread.
/// </summary>
public sealed unsafe class ConfinedRoot : IDisposable
{
    private const ulong Resolve = MountApi.ResolveInRoot | MountApi.ResolveNoMagicLinks;
    private const int LongestLink = 4096;

    /// <summary>Takes over an open directory.</summary>
    /// <param name="handle">The directory; owned from here on.</param>
    public ConfinedRoot(SafeFileHandle handle) => Handle = handle;

    /// <summary>The directory itself.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Opens a directory of this process's own file system.</summary>
    /// <param name="path">Its path; trusted.</param>
    /// <exception cref="LinuxException">It is not there, or no directory.</exception>
    public static ConfinedRoot Open(string path)
    {
        int fd = Libc.open(path, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        return fd >= 0 ? new ConfinedRoot(new SafeFileHandle(fd, ownsHandle: true)) : throw LinuxException.Last("open", path);
    }

    /// <summary>Opens what is at a path inside.</summary>
    /// <param name="path">The path as seen inside, absolute or not; not trusted. Empty means the root.</param>
    /// <param name="flags">O_… flags; O_CLOEXEC is added.</param>
    /// <exception cref="LinuxException">ENOENT, ENOTDIR, ELOOP…</exception>
    public SafeFileHandle OpenInside(string path, int flags) => TryOpenInside(path, flags) ?? throw LinuxException.Last("openat2", path);

    /// <summary>Opens what is at a path inside; null where that fails, for a reason that is this thread's last error.</summary>
    /// <param name="path">The path as seen inside, absolute or not; not trusted. Empty means the root.</param>
    /// <param name="flags">O_… flags; O_CLOEXEC is added.</param>
    public SafeFileHandle? TryOpenInside(string path, int flags) => TryOpen(path, flags, Resolve);

    /// <summary>Opens what is at a path below, where nothing on the way leads out (RESOLVE_BENEATH): an absolute link or a ".." too many is no place, even one that would lead back.</summary>
    /// <param name="path">A relative path; not trusted.</param>
    /// <param name="flags">O_… flags; O_CLOEXEC is added.</param>
    /// <exception cref="LinuxException">EXDEV: it leads out; ENOENT, ENOTDIR, ELOOP…</exception>
    public SafeFileHandle OpenBeneath(string path, int flags) =>
        TryOpen(path, flags, MountApi.ResolveBeneath | MountApi.ResolveNoMagicLinks) ?? throw LinuxException.Last("openat2", path);

    private SafeFileHandle? TryOpen(string path, int flags, ulong resolve)
    {
        const int Attempts = 64;
        MountApi.OpenHow how = new((uint)(flags | Libc.O_CLOEXEC), 0, resolve);
        fixed (byte* name = FileNames.Encode(path.Length == 0 ? "." : path))
        {
            for (int attempt = 1; ; attempt++)
            {
                nint fd = Libc.Syscall(Syscalls.OpenAt2, (int)Handle.DangerousGetHandle(), (nint)name, (nint)(&how), sizeof(MountApi.OpenHow));
                GC.KeepAlive(Handle);
                if (fd >= 0)
                {
                    return new SafeFileHandle((nint)fd, ownsHandle: true);
                }

                // EAGAIN: something was renamed while ".." was looked up (openat2(2)).
                if ((Errno)Marshal.GetLastPInvokeError() is not (Errno.EAGAIN or Errno.EINTR) || attempt == Attempts)
                {
                    return null;
                }
            }
        }
    }

    /// <summary>Opens a name in an open directory, without following a link; null where that fails, for a reason that is this thread's last error.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">One component.</param>
    /// <param name="flags">O_… flags; O_CLOEXEC and O_NOFOLLOW are added.</param>
    public static SafeFileHandle? TryOpenAt(SafeFileHandle directory, string name, int flags)
    {
        int fd = Libc.openat((int)directory.DangerousGetHandle(), name, flags | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
        GC.KeepAlive(directory);
        return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>Opens for reading what is open as a place (O_PATH) only.</summary>
    /// <param name="place">A regular file or a directory, of which the caller has made sure.</param>
    /// <param name="flags">O_… flags; O_CLOEXEC is added.</param>
    /// <exception cref="LinuxException">It may not be read.</exception>
    public static SafeFileHandle Reopen(SafeFileHandle place, int flags)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{(int)place.DangerousGetHandle()}");
        int fd = Libc.open(path, flags | Libc.O_CLOEXEC, 0);
        GC.KeepAlive(place);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw LinuxException.Last("open", path);
    }

    /// <summary>The target of a symbolic link that is open as a place (O_PATH).</summary>
    /// <exception cref="LinuxException">It is no link.</exception>
    public static string LinkTargetOf(SafeFileHandle link)
    {
        byte* target = stackalloc byte[LongestLink];
        nint length = Libc.readlinkat((int)link.DangerousGetHandle(), "", target, LongestLink);
        GC.KeepAlive(link);
        return length >= 0 ? FileNames.Decode(new ReadOnlySpan<byte>(target, (int)length)) : throw LinuxException.Last("readlink");
    }

    /// <summary>The path of something open below the root, as seen inside: what is left of its path when the root's is taken away.</summary>
    /// <param name="inside">Something that was opened inside.</param>
    /// <exception cref="LinuxException">/proc is not mounted.</exception>
    public string PathOf(SafeFileHandle inside)
    {
        string root = NameOf(Handle);
        string path = NameOf(inside);
        string rest = root.Length > 1 && path.StartsWith(root, StringComparison.Ordinal) ? path[root.Length..] : path;
        return rest.Length == 0 ? "/" : rest;
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private static string NameOf(SafeFileHandle handle)
    {
        byte* target = stackalloc byte[LongestLink];
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{(int)handle.DangerousGetHandle()}");
        nint length = Libc.readlinkat(Libc.AT_FDCWD, path, target, LongestLink);
        GC.KeepAlive(handle);
        return length >= 0 ? FileNames.Decode(new ReadOnlySpan<byte>(target, (int)length)) : throw LinuxException.Last("readlink", path);
    }
}
