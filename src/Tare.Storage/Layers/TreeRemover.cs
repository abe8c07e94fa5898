using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;

namespace Tare.Storage.Layers;

/// <summary>
/// Removes trees whose content is not trusted: never follows a link, never leaves the directory that it was given, and needs no more memory or
/// descriptors for a tree that is deeper than any path could name.
/// </summary>
public static class TreeRemover
{
    // Directories further down are moved to the top, and are removed from there.
    private const int MaximumDepth = 48;
    private const int BufferSize = 32 * 1024;

    /// <summary>Removes a folder with all in it; nothing happens when there is none.</summary>
    /// <exception cref="LinuxException">Something could not be removed.</exception>
    public static void Remove(string path)
    {
        string full = Path.GetFullPath(path);
        string above = Path.GetDirectoryName(full)!;
        int fd = Libc.open(above, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        if (fd < 0)
        {
            if (LastError == Errno.ENOENT)
            {
                return;
            }

            throw LinuxException.Last("open", above);
        }

        using SafeFileHandle parent = new(fd, ownsHandle: true);
        Remove(parent, Path.GetFileName(full));
    }

    internal static void Remove(SafeFileHandle parent, string name)
    {
        if (TryUnlink(parent, name))
        {
            return;
        }

        while (true)
        {
            using SafeFileHandle top = OpenDirectory(parent, name);
            int removed = Empty(top, top, 0);
            if (TryRemoveDirectory(parent, name))
            {
                return;
            }

            if (removed == 0)
            {
                throw new LinuxException(Errno.ENOTEMPTY, "rmdir", name);
            }
        }
    }

    // Returns how many entries went, so that the caller sees whether it gets anywhere.
    private static int Empty(SafeFileHandle directory, SafeFileHandle top, int depth)
    {
        byte[] buffer = new byte[BufferSize];
        int removed = 0;
        while (DirectoryNames.Next(directory, buffer) is { Count: > 0 } names)
        {
            foreach (string name in names)
            {
                removed += RemoveEntry(directory, name, top, depth);
            }
        }

        return removed;
    }

    private static int RemoveEntry(SafeFileHandle directory, string name, SafeFileHandle top, int depth)
    {
        if (TryUnlink(directory, name) || TryRemoveDirectory(directory, name))
        {
            return 1;
        }

        if (depth == MaximumDepth)
        {
            string moved = $".removing-{Guid.NewGuid():N}";
            return Libc.renameat(Number(directory), name, Number(top), moved) == 0 ? 1 : throw LinuxException.Last("rename", name);
        }

        using SafeFileHandle inside = OpenDirectory(directory, name);
        int removed = Empty(inside, top, depth + 1);
        return removed + (TryRemoveDirectory(directory, name) ? 1 : 0);
    }

    private static SafeFileHandle OpenDirectory(SafeFileHandle parent, string name)
    {
        int fd = Libc.openat(Number(parent), name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
        if (fd < 0)
        {
            throw LinuxException.Last("open", name);
        }

        // Who is not root may lack the right to remove from a directory of his own.
        _ = Libc.geteuid() == 0 ? 0 : Libc.fchmod(fd, 0x1C0); // 0700
        return new SafeFileHandle(fd, ownsHandle: true);
    }

    // False for a directory.
    private static bool TryUnlink(SafeFileHandle parent, string name)
    {
        if (Libc.unlinkat(Number(parent), name, 0) == 0 || LastError == Errno.ENOENT)
        {
            return true;
        }

        return LastError is Errno.EISDIR or Errno.EPERM ? false : throw LinuxException.Last("unlink", name);
    }

    // False for one that is not empty.
    private static bool TryRemoveDirectory(SafeFileHandle parent, string name)
    {
        if (Libc.unlinkat(Number(parent), name, Libc.AT_REMOVEDIR) == 0 || LastError == Errno.ENOENT)
        {
            return true;
        }

        return LastError is Errno.ENOTEMPTY or Errno.EEXIST ? false : throw LinuxException.Last("rmdir", name);
    }

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    private static Errno LastError => (Errno)Marshal.GetLastPInvokeError();
}
