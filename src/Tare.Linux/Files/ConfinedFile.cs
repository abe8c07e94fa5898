using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;
using Tare.Linux.Mounts;

namespace Tare.Linux.Files;

/// <summary>Files below a root that is not trusted: its links and ".." stay inside (openat2(2) with RESOLVE_IN_ROOT, Linux 5.6).</summary>
public static unsafe class ConfinedFile
{
    /// <summary>Opens a file below <paramref name="root"/>.</summary>
    /// <param name="root">The root's path outside; trusted.</param>
    /// <param name="path">The path as seen inside; not trusted.</param>
    /// <param name="flags">O_… flags; O_CLOEXEC is added.</param>
    /// <exception cref="LinuxException">It cannot be opened: ENOENT, ELOOP…</exception>
    public static SafeFileHandle Open(string root, string path, int flags)
    {
        SafeFileHandle? handle = TryOpen(root, path, flags, out LinuxException? failure);
        return handle ?? throw failure!;
    }

    /// <summary>What stands at <paramref name="path"/> below <paramref name="root"/>; null when there is nothing.</summary>
    /// <param name="root">The root's path outside; trusted.</param>
    /// <param name="path">The path as seen inside; not trusted.</param>
    public static FileStatus? TryStatus(string root, string path)
    {
        using SafeFileHandle? handle = TryOpen(root, path, Libc.O_PATH, out _);
        return handle is null ? null : FileStatus.Of(handle);
    }

    // Without an exception, for whom a missing file is nothing special: throwing one costs as much as a dozen system calls.
    private static SafeFileHandle? TryOpen(string root, string path, int flags, out LinuxException? failure)
    {
        failure = null;
        int rootFd = Libc.open(root, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        if (rootFd < 0)
        {
            failure = LinuxException.Last("open", root);
            return null;
        }

        using SafeFileHandle rootHandle = new(rootFd, ownsHandle: true);
        string relative = path.TrimStart('/');
        MountApi.OpenHow how = new((uint)(flags | Libc.O_CLOEXEC), 0, MountApi.ResolveInRoot | MountApi.ResolveNoMagicLinks);
        nint name = Marshal.StringToCoTaskMemUTF8(relative.Length == 0 ? "." : relative);
        try
        {
            nint fd = Libc.Syscall(Syscalls.OpenAt2, rootFd, name, (nint)(&how), sizeof(MountApi.OpenHow));
            failure = fd < 0 ? LinuxException.Last("openat2", path) : null;
            return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
        }
        finally
        {
            Marshal.FreeCoTaskMem(name);
        }
    }

    /// <summary>The text of a regular file below <paramref name="root"/>; null when there is none or it is longer than the limit.</summary>
    /// <param name="root">The root's path outside; trusted.</param>
    /// <param name="path">The path as seen inside; not trusted.</param>
    /// <param name="limitBytes">Files longer than this are not read.</param>
    public static string? TryReadText(string root, string path, int limitBytes = 1 << 20)
    {
        try
        {
            // Not blocking on a fifo that stands where a file should.
            using SafeFileHandle? handle = TryOpen(root, path, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOCTTY, out _);
            if (handle is null)
            {
                return null;
            }

            long length = RandomAccess.GetLength(handle);
            if (length > limitBytes)
            {
                return null;
            }

            byte[] content = new byte[length];
            int read = RandomAccess.Read(handle, content, 0);
            return System.Text.Encoding.UTF8.GetString(content, 0, read);
        }
        catch (Exception failure) when (failure is IOException or NotSupportedException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
