using System.Runtime.InteropServices;
using Tare.Linux.Interop;

namespace Tare.Runtime.Layers;

/// <summary>A file's handle (name_to_handle_at(2)): what the file system knows it by for as long as it exists.</summary>
/// <param name="Size">Bytes of it.</param>
/// <param name="Type">The file system's mark for its format.</param>
/// <param name="First">The first eight bytes.</param>
/// <param name="Second">The next ones.</param>
/// <param name="Third">The last ones: ext4 has 8 bytes, xfs 8 or 12, tmpfs 12, btrfs 20.</param>
internal readonly record struct NodeHandle(int Size, int Type, ulong First, ulong Second, ulong Third)
{
    private const int MaxBytes = 24;

    /// <summary>Reads a file's handle.</summary>
    /// <returns>0, or -errno: EOPNOTSUPP where the file system has none, EOVERFLOW where they are longer.</returns>
    public static unsafe int Read(int fd, byte* name, out NodeHandle handle)
    {
        byte empty = 0;
        int mount;
        RawHandle raw = new() { Size = MaxBytes };
        int flags = name is null ? Libc.AT_EMPTY_PATH : 0;
        int result = Libc.name_to_handle_at(fd, name is null ? &empty : name, &raw, &mount, flags);
        handle = result == 0 ? new NodeHandle((int)raw.Size, raw.Type, raw.First, raw.Second, raw.Third) : default;
        return result == 0 ? 0 : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Opens the file.</summary>
    /// <returns>The descriptor, or -errno: ESTALE when it exists no more.</returns>
    public unsafe int Open(int mount, int flags)
    {
        RawHandle raw = new() { Size = (uint)Size, Type = Type, First = First, Second = Second, Third = Third };
        int fd = Libc.open_by_handle_at(mount, &raw, flags | Libc.O_CLOEXEC);
        return fd >= 0 ? fd : -Marshal.GetLastPInvokeError();
    }

    /// <summary>struct file_handle with room for its bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct RawHandle
    {
        public uint Size;
        public int Type;
        public ulong First;
        public ulong Second;
        public ulong Third;
    }
}
