using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Files;

/// <summary>Extended attributes of files (xattr(7)); links are not followed.</summary>
public static class ExtendedAttributes
{
    private const int LargestList = 1 << 16; // XATTR_LIST_MAX

    /// <summary>Reads all attributes of an open file, whatever it was opened for (O_PATH too); null when it has none.</summary>
    /// <exception cref="LinuxException">They may not be read.</exception>
    /// <param name="handle">The file.</param>
    /// <param name="wanted">Which names are read.</param>
    public static unsafe Dictionary<string, byte[]>? Read(SafeFileHandle handle, Func<string, bool> wanted)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{(int)handle.DangerousGetHandle()}");
        byte* few = stackalloc byte[1024];
        nint length = Libc.listxattr(path, few, 1024);
        Span<byte> names = new(few, (int)Math.Max(length, 0));
        if (length < 0)
        {
            switch ((Errno)Marshal.GetLastPInvokeError())
            {
                case Errno.EOPNOTSUPP:
                    return null;
                case Errno.ERANGE:
                    names = ListMany(path);
                    break;
                default:
                    throw LinuxException.Last("listxattr", path);
            }
        }

        Dictionary<string, byte[]>? found = null;
        while (!names.IsEmpty)
        {
            int end = names.IndexOf((byte)0);
            string name = FileNames.Decode(names[..end]);
            names = names[(end + 1)..];
            if (wanted(name) && TryGetFollowing(path, name) is { } value)
            {
                (found ??= new(StringComparer.Ordinal))[name] = value;
            }
        }

        GC.KeepAlive(handle);
        return found;
    }

    private static unsafe byte[] ListMany(string path)
    {
        byte[] names = new byte[LargestList];
        fixed (byte* buffer = names)
        {
            nint length = Libc.listxattr(path, buffer, LargestList);
            return length >= 0 ? names[..(int)length] : throw LinuxException.Last("listxattr", path);
        }
    }

    private static unsafe byte[]? TryGetFollowing(string path, string name)
    {
        byte* small = stackalloc byte[512];
        nint length = Libc.getxattr(path, name, small, 512);
        if (length >= 0)
        {
            return new Span<byte>(small, (int)length).ToArray();
        }

        byte[] value = new byte[1 << 16]; // XATTR_SIZE_MAX
        fixed (byte* buffer = value)
        {
            length = (Errno)Marshal.GetLastPInvokeError() == Errno.ERANGE ? Libc.getxattr(path, name, buffer, (nuint)value.Length) : -1;
            // One that went between the list and this is none.
            return length >= 0 ? value[..(int)length] : null;
        }
    }

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
