using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

// unistd.h
public static unsafe partial class Libc
{
    /// <summary>Exclusive lock of <see cref="flock"/>.</summary>
    public const int LOCK_EX = 2;

    /// <summary>flock(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int flock(int fd, int operation);

    /// <summary>pread(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint pread(int fd, void* buffer, nuint count, long offset);

    /// <summary>getauxval(3): what the kernel told this program at its start; 0 for an unknown type.</summary>
    [LibraryImport(Library)]
    public static partial nuint getauxval(nuint type);

    /// <summary>read(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint read(int fd, void* buffer, nuint count);

    /// <summary>write(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint write(int fd, void* buffer, nuint count);

    /// <summary>close(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int close(int fd);

    /// <summary>pipe2(2): <paramref name="fds"/> receives the reading and the writing end.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int pipe2(int* fds, int flags);

    /// <summary>dup3(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int dup3(int oldFd, int newFd, int flags);

    /// <summary>getpid(2).</summary>
    [LibraryImport(Library)]
    public static partial int getpid();

    /// <summary>geteuid(2).</summary>
    [LibraryImport(Library)]
    public static partial uint geteuid();

    /// <summary>getegid(2).</summary>
    [LibraryImport(Library)]
    public static partial uint getegid();

    /// <summary>setsid(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int setsid();

    /// <summary>unlink(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int unlink(string path);

    /// <summary>rmdir(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int rmdir(string path);

    /// <summary>fsync(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int fsync(int fd);

    /// <summary>sync_file_range: begin to write, wait for nothing.</summary>
    public const uint SYNC_FILE_RANGE_WRITE = 2;

    /// <summary>sync_file_range(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int sync_file_range(int fd, long offset, long count, uint flags);

    /// <summary>isatty(3).</summary>
    [LibraryImport(Library)]
    public static partial int isatty(int fd);

    /// <summary>readlink(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint readlink(string path, byte* buffer, nuint size);

    /// <summary>readlinkat(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Custom, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial nint readlinkat(int directory, string path, byte* buffer, nuint size);

    /// <summary>unshare(2), of the calling thread.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int unshare(int flags);

    /// <summary>sendfile(2): <paramref name="offset"/> moves on by what was sent.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint sendfile(int to, int from, long* offset, nuint count);
}
