using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

// Calls whose names are bytes of somebody else's request, ended by a zero: they are passed on as they are.
public static unsafe partial class Libc
{
    /// <summary>File type: character device.</summary>
    public const uint S_IFCHR = 0x2000;

    /// <summary>File type: directory.</summary>
    public const uint S_IFDIR = 0x4000;

    /// <summary>File type: regular file.</summary>
    public const uint S_IFREG = 0x8000;

    /// <summary>The next data from an offset on.</summary>
    public const int SEEK_DATA = 3;

    /// <summary>The next hole from an offset on.</summary>
    public const int SEEK_HOLE = 4;

    /// <summary>An offset from the start.</summary>
    public const int SEEK_SET = 0;

    /// <summary>utimensat: now.</summary>
    public const long UTIME_NOW = 0x3fffffff;

    /// <summary>utimensat: as it is.</summary>
    public const long UTIME_OMIT = 0x3ffffffe;

    /// <summary>open(2): a file without a name in a directory.</summary>
    public static readonly int O_TMPFILE = 0x400000 | O_DIRECTORY;

    /// <summary>openat(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int openat(int directory, byte* path, int flags, uint mode);

    /// <summary>statx(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int statx(int directory, byte* path, int flags, uint mask, statx_t* buffer);

    /// <summary>mkdirat(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int mkdirat(int directory, byte* path, uint mode);

    /// <summary>unlinkat(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int unlinkat(int directory, byte* path, int flags);

    /// <summary>symlinkat(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int symlinkat(byte* target, int directory, byte* path);

    /// <summary>linkat(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int linkat(int oldDirectory, byte* oldPath, int newDirectory, byte* newPath, int flags);

    /// <summary>readlinkat(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint readlinkat(int directory, byte* path, byte* buffer, nuint size);

    /// <summary>fchownat(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int fchownat(int directory, byte* path, uint uid, uint gid, int flags);

    /// <summary>utimensat(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int utimensat(int directory, byte* path, timespec* times, int flags);

    /// <summary>chmod(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int chmod(byte* path, uint mode);

    /// <summary>truncate(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int truncate(byte* path, long length);

    /// <summary>fallocate(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int fallocate(int fd, int mode, long offset, long length);

    /// <summary>pwrite(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint pwrite(int fd, void* buffer, nuint count, long offset);

    /// <summary>fdatasync(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int fdatasync(int fd);

    /// <summary>umask(2).</summary>
    [LibraryImport(Library)]
    public static partial uint umask(uint mask);

    /// <summary>fchdir(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int fchdir(int fd);

    /// <summary>chroot(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int chroot(byte* path);

    /// <summary>fstatvfs(3) of Linux on 64-bit machines.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int fstatvfs(int fd, statvfs_t* buffer);

    /// <summary>getxattr(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint getxattr(byte* path, byte* name, void* value, nuint size);

    /// <summary>listxattr(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint listxattr(byte* path, void* names, nuint size);

    /// <summary>setxattr(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int setxattr(byte* path, byte* name, void* value, nuint size, int flags);

    /// <summary>removexattr(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int removexattr(byte* path, byte* name);

    /// <summary>mknodat(2).</summary>
    public static int mknodat(int directory, byte* path, uint mode, uint device) => (int)Syscall(Syscalls.MknodAt, directory, (nint)path, (nint)mode, (nint)device);

    /// <summary>renameat2(2).</summary>
    public static int renameat2(int oldDirectory, byte* oldPath, int newDirectory, byte* newPath, uint flags)
        => (int)Syscall(Syscalls.RenameAt2, oldDirectory, (nint)oldPath, newDirectory, (nint)newPath, (nint)flags);

    /// <summary>name_to_handle_at(2).</summary>
    public static int name_to_handle_at(int directory, byte* path, void* handle, int* mountId, int flags)
        => (int)Syscall(Syscalls.NameToHandleAt, directory, (nint)path, (nint)handle, (nint)mountId, flags);

    /// <summary>open_by_handle_at(2).</summary>
    public static int open_by_handle_at(int mount, void* handle, int flags) => (int)Syscall(Syscalls.OpenByHandleAt, mount, (nint)handle, flags);

    /// <summary>struct statvfs of glibc on 64-bit machines (bits/statvfs.h).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 112)]
    public struct statvfs_t
    {
        /// <summary>Size of a block.</summary>
        [FieldOffset(0)]
        public ulong f_bsize;

        /// <summary>Unit of the numbers of blocks.</summary>
        [FieldOffset(8)]
        public ulong f_frsize;

        /// <summary>Blocks that everybody may use.</summary>
        [FieldOffset(32)]
        public ulong f_bavail;

        /// <summary>Inodes.</summary>
        [FieldOffset(40)]
        public ulong f_files;

        /// <summary>Free inodes.</summary>
        [FieldOffset(48)]
        public ulong f_ffree;
    }
}
