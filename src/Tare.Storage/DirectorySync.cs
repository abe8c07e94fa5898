using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Interop;

namespace Tare.Storage;

/// <summary>Makes names last: a rename is on the disk when its directory is synced (fsync(2)).</summary>
internal static class DirectorySync
{
    /// <summary>Syncs a directory's entries.</summary>
    public static void Sync(string folder)
    {
        using SafeFileHandle handle = Open(folder);
        Check(Libc.fsync((int)handle.DangerousGetHandle()), "fsync", folder);
    }

    /// <summary>Syncs the whole file system that a folder is on: cheaper than one fsync for each of many files.</summary>
    public static void SyncFileSystem(string folder)
    {
        using SafeFileHandle handle = Open(folder);
        Check(Libc.syncfs((int)handle.DangerousGetHandle()), "syncfs", folder);
    }

    private static SafeFileHandle Open(string folder)
    {
        int fd = Libc.open(folder, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
        return fd < 0 ? throw LinuxException.Last("open", folder) : new SafeFileHandle(fd, ownsHandle: true);
    }

    private static void Check(int result, string call, string folder)
    {
        if (result != 0)
        {
            throw LinuxException.Last(call, folder);
        }
    }
}
