using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

// fcntl.h, and openat2(2) of linux/openat2.h. Values of x86-64 and arm64 where they are equal; O_DIRECTORY and O_NOFOLLOW differ, see OpenFlags.
public static unsafe partial class Libc
{
    /// <summary>Open for reading only.</summary>
    public const int O_RDONLY = 0;

    /// <summary>Open for writing only.</summary>
    public const int O_WRONLY = 1;

    /// <summary>Open for reading and writing.</summary>
    public const int O_RDWR = 2;

    /// <summary>Create the file if it is missing.</summary>
    public const int O_CREAT = 0x40;

    /// <summary>Fail if the file exists.</summary>
    public const int O_EXCL = 0x80;

    /// <summary>Do not make a terminal the controlling one.</summary>
    public const int O_NOCTTY = 0x100;

    /// <summary>Truncate the file.</summary>
    public const int O_TRUNC = 0x200;

    /// <summary>Append.</summary>
    public const int O_APPEND = 0x400;

    /// <summary>Do not block.</summary>
    public const int O_NONBLOCK = 0x800;

    /// <summary>Close at execve.</summary>
    public const int O_CLOEXEC = 0x80000;

    /// <summary>A place in the tree, not the file's content.</summary>
    public const int O_PATH = 0x200000;

    /// <summary>Fail if it is no directory.</summary>
    public static readonly int O_DIRECTORY = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    /// <summary>Fail if the last component is a symbolic link.</summary>
    public static readonly int O_NOFOLLOW = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>fcntl: duplicate to the lowest free number from the argument on, close-on-exec.</summary>
    public const int F_DUPFD_CLOEXEC = 1030;

    /// <summary>fcntl: get descriptor flags.</summary>
    public const int F_GETFD = 1;

    /// <summary>fcntl(2): set the descriptor flags.</summary>
    public const int F_SETFD = 2;

    /// <summary>fcntl: get file status flags.</summary>
    public const int F_GETFL = 3;

    /// <summary>fcntl: set file status flags.</summary>
    public const int F_SETFL = 4;

    /// <summary>Paths relative to the working directory.</summary>
    public const int AT_FDCWD = -100;

    /// <summary>Do not follow a symbolic link at the end.</summary>
    public const int AT_SYMLINK_NOFOLLOW = 0x100;

    /// <summary>Work on the descriptor itself when the path is empty.</summary>
    public const int AT_EMPTY_PATH = 0x1000;

    /// <summary>open(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags, uint mode);

    /// <summary>openat(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Custom, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int openat(int directory, string path, int flags, uint mode);

    /// <summary>fcntl(2) with an integer argument.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int fcntl(int fd, int command, nint argument);
}
