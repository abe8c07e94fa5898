using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

// sys/stat.h: statx(2), whose structure is the same on every architecture (linux/stat.h).
public static unsafe partial class Libc
{
    /// <summary>The members that stat(2) has.</summary>
    public const uint STATX_BASIC_STATS = 0x7ff;

    /// <summary>Attribute: the file is the root of a mount (Linux 5.8).</summary>
    public const ulong STATX_ATTR_MOUNT_ROOT = 0x2000;

    /// <summary>The time of the file's creation.</summary>
    public const uint STATX_BTIME = 0x800;

    /// <summary>Mask of the file type in a mode.</summary>
    public const int S_IFMT = 0xF000;

    /// <summary>Reads a file's status.</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Custom, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int statx(int dirfd, string pathname, int flags, uint mask, statx_t* buffer);

    /// <summary>struct statx.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct statx_t
    {
        /// <summary>Preferred size of a read or write.</summary>
        [FieldOffset(4)]
        public uint stx_blksize;

        /// <summary>STATX_ATTR_… that the file has.</summary>
        [FieldOffset(8)]
        public ulong stx_attributes;

        /// <summary>Which members were filled.</summary>
        [FieldOffset(0)]
        public uint stx_mask;

        /// <summary>Creation: seconds since 1970.</summary>
        [FieldOffset(80)]
        public long stx_btime_sec;

        /// <summary>Creation: nanoseconds.</summary>
        [FieldOffset(88)]
        public uint stx_btime_nsec;

        /// <summary>Number of hard links.</summary>
        [FieldOffset(16)]
        public uint stx_nlink;

        /// <summary>Owner.</summary>
        [FieldOffset(20)]
        public uint stx_uid;

        /// <summary>Group.</summary>
        [FieldOffset(24)]
        public uint stx_gid;

        /// <summary>Type and permissions.</summary>
        [FieldOffset(28)]
        public ushort stx_mode;

        /// <summary>Inode number.</summary>
        [FieldOffset(32)]
        public ulong stx_ino;

        /// <summary>Size in bytes.</summary>
        [FieldOffset(40)]
        public ulong stx_size;

        /// <summary>Blocks of 512 bytes in use.</summary>
        [FieldOffset(48)]
        public ulong stx_blocks;

        /// <summary>Last access, seconds since 1970.</summary>
        [FieldOffset(64)]
        public long stx_atime_sec;

        /// <summary>Last access, nanoseconds.</summary>
        [FieldOffset(72)]
        public uint stx_atime_nsec;

        /// <summary>Last change of the inode, seconds since 1970.</summary>
        [FieldOffset(96)]
        public long stx_ctime_sec;

        /// <summary>Last change of the inode, nanoseconds.</summary>
        [FieldOffset(104)]
        public uint stx_ctime_nsec;

        /// <summary>Last modification of the content, seconds since 1970.</summary>
        [FieldOffset(112)]
        public long stx_mtime_sec;

        /// <summary>Last modification of the content, nanoseconds.</summary>
        [FieldOffset(120)]
        public uint stx_mtime_nsec;

        /// <summary>Major number of the device that a device node stands for.</summary>
        [FieldOffset(128)]
        public uint stx_rdev_major;

        /// <summary>Minor number of the device that a device node stands for.</summary>
        [FieldOffset(132)]
        public uint stx_rdev_minor;

        /// <summary>Major number of the device that holds the file.</summary>
        [FieldOffset(136)]
        public uint stx_dev_major;

        /// <summary>Minor number of the device that holds the file.</summary>
        [FieldOffset(140)]
        public uint stx_dev_minor;
    }
}
