using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

// unistd.h: ownership of files.
public static unsafe partial class Libc
{
    /// <summary>fcntl: the descriptor flag that closes it at execve.</summary>
    public const int FD_CLOEXEC = 1;

    /// <summary>chown(2); <see cref="uint.MaxValue"/> leaves an owner or group as it is.</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int chown(string path, uint owner, uint group);

    /// <summary>lchown(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int lchown(string path, uint owner, uint group);
}
