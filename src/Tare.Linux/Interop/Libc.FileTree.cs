using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

// sys/stat.h, unistd.h, sys/xattr.h: making and changing files relative to a directory
public static unsafe partial class Libc
{
    /// <summary>unlinkat: remove a directory.</summary>
    public const int AT_REMOVEDIR = 0x200;

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct timespec
    {
        /// <summary>Seconds.</summary>
        public long tv_sec;

        /// <summary>Nanoseconds.</summary>
        public long tv_nsec;
    }

    /// <summary>mkdirat(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Custom, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int mkdirat(int directory, string path, uint mode);

    /// <summary>unlinkat(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Custom, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int unlinkat(int directory, string path, int flags);

    /// <summary>symlinkat(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Custom, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int symlinkat(string target, int directory, string path);

    /// <summary>linkat(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Custom, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int linkat(int oldDirectory, string oldPath, int newDirectory, string newPath, int flags);

    /// <summary>mknodat(2); glibc before 2.33 has it under another name, so the call is made directly.</summary>
    public static int mknodat(int directory, string path, uint mode, ulong device)
    {
        fixed (byte* name = Files.FileNames.Encode(path))
        {
            return (int)Syscall(Syscalls.MknodAt, directory, (nint)name, (nint)mode, (nint)device);
        }
    }

    /// <summary>fchownat(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Custom, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int fchownat(int directory, string path, uint uid, uint gid, int flags);

    /// <summary>fchown(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int fchown(int fd, uint uid, uint gid);

    /// <summary>fchmod(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int fchmod(int fd, uint mode);

    /// <summary>utimensat(2) with access and modification time.</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Custom, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int utimensat(int directory, string path, timespec* times, int flags);

    /// <summary>futimens(3).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int futimens(int fd, timespec* times);

    /// <summary>fsetxattr(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Custom, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int fsetxattr(int fd, string name, byte* value, nuint size, int flags);

    /// <summary>renameat(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Custom, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int renameat(int oldDirectory, string oldPath, int newDirectory, string newPath);

    /// <summary>fchmodat(2) without flags: a symbolic link is followed.</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Custom, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int fchmodat(int directory, string path, uint mode, int flags);

    /// <summary>syncfs(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int syncfs(int fd);
}
