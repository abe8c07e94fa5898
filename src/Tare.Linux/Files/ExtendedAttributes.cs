using System.Runtime.InteropServices;
using Tare.Linux.Interop;

namespace Tare.Linux.Files;

/// <summary>Extended attributes of files (xattr(7)); links are not followed.</summary>
public static class ExtendedAttributes
{
    /// <summary>Reads an attribute; null when the file has none of that name, or its file system knows none.</summary>
    /// <exception cref="LinuxException">The file does not exist, or its attributes may not be read.</exception>
    /// <param name="path">The file.</param>
    /// <param name="name">The attribute, with its namespace.</param>
    public static unsafe byte[]? TryGet(string path, string name)
    {
        byte[] value = new byte[256];
        while (true)
        {
            nint size;
            fixed (byte* buffer = value)
            {
                size = Libc.lgetxattr(path, name, buffer, (nuint)value.Length);
            }

            if (size >= 0)
            {
                return value[..(int)size];
            }

            switch ((Errno)Marshal.GetLastPInvokeError())
            {
                case Errno.ENODATA or Errno.EOPNOTSUPP:
                    return null;
                case Errno.ERANGE when value.Length < 1 << 16:
                    value = new byte[value.Length * 16];
                    break;
                default:
                    throw LinuxException.Last("lgetxattr", path);
            }
        }
    }
}
