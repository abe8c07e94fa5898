using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Interop;

namespace Tare.Storage.Layers;

/// <summary>Removes trees whose content is not trusted: never follows a link, never leaves the directory that it was given.</summary>
public static class TreeRemover
{
    /// <summary>Removes a folder with all in it; nothing happens when there is none.</summary>
    /// <exception cref="LinuxException">Something could not be removed.</exception>
    public static void Remove(string path)
    {
        string full = Path.GetFullPath(path);
        string above = Path.GetDirectoryName(full)!;
        int fd = Libc.open(above, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        if (fd < 0)
        {
            return;
        }

        using SafeFileHandle parent = new(fd, ownsHandle: true);
        Remove(parent, Path.GetFileName(full));
    }

    internal static void Remove(SafeFileHandle parent, string name)
    {
        int directory = (int)parent.DangerousGetHandle();
        if (Libc.unlinkat(directory, name, 0) == 0 || LastError is Errno.ENOENT)
        {
            return;
        }

        if (LastError is not (Errno.EISDIR or Errno.EPERM))
        {
            throw LinuxException.Last("unlink", name);
        }

        int fd = Libc.openat(directory, name, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
        if (fd < 0)
        {
            throw LinuxException.Last("open", name);
        }

        using (SafeFileHandle inside = new(fd, ownsHandle: true))
        {
            // The names are read through the descriptor, so that a swapped path leads nowhere else.
            foreach (string entry in Directory.EnumerateFileSystemEntries($"/proc/self/fd/{fd}"))
            {
                Remove(inside, Path.GetFileName(entry));
            }
        }

        if (Libc.unlinkat(directory, name, Libc.AT_REMOVEDIR) != 0 && LastError is not Errno.ENOENT)
        {
            throw LinuxException.Last("rmdir", name);
        }
    }

    private static Errno LastError => (Errno)Marshal.GetLastPInvokeError();
}
