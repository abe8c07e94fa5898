using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

// sys/xattr.h
public static unsafe partial class Libc
{
    /// <summary>lgetxattr(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint lgetxattr(string path, string name, void* value, nuint size);

    /// <summary>getxattr(2): links are followed, those of /proc/self/fd too.</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Custom, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial nint getxattr(string path, string name, void* value, nuint size);

    /// <summary>listxattr(2): links are followed, those of /proc/self/fd too.</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint listxattr(string path, void* names, nuint size);
}
