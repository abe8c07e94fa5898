using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

// sys/xattr.h
public static unsafe partial class Libc
{
    /// <summary>lgetxattr(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint lgetxattr(string path, string name, void* value, nuint size);
}
