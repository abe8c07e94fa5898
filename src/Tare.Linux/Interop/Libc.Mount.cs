using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

// sys/mount.h
public static unsafe partial class Libc
{
    /// <summary>umount2: from the tree at once, from memory when nobody uses it any more.</summary>
    public const int MNT_DETACH = 2;

    /// <summary>mount(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mount(string source, string target, string? filesystemtype, nuint mountflags, string? data);

    /// <summary>umount2(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int umount2(string target, int flags);
}
