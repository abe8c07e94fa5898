using System.Runtime.InteropServices;

namespace Tare.Runtime.Layers;

/// <summary>struct linux_dirent64 without its name (getdents64(2)).</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal unsafe struct DirectoryEntry
{
    /// <summary>Where the name starts; it ends by a zero.</summary>
    public const int NameOffset = 19;

    /// <summary>The inode's number.</summary>
    [FieldOffset(0)]
    public ulong Inode;

    /// <summary>Where the next entry is read.</summary>
    [FieldOffset(8)]
    public ulong Next;

    /// <summary>Bytes of the entry.</summary>
    [FieldOffset(16)]
    public ushort Length;

    /// <summary>Type of the file (DT_…).</summary>
    [FieldOffset(18)]
    public byte Type;

    /// <summary>Whether a name is <c>.</c> or <c>..</c>.</summary>
    public static bool IsDots(byte* name) => name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}
