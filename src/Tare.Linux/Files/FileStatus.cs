using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Files;

/// <summary>What the kernel knows about a file (statx(2), Linux 4.11).</summary>
public readonly record struct FileStatus
{
    /// <summary>What it is.</summary>
    public FileType Type { get; init; }

    /// <summary>Permission bits with set-user-id, set-group-id and sticky.</summary>
    public uint Permissions { get; init; }

    /// <summary>Owner.</summary>
    public uint Uid { get; init; }

    /// <summary>Group.</summary>
    public uint Gid { get; init; }

    /// <summary>Inode number.</summary>
    public ulong Inode { get; init; }

    /// <summary>When the file was created, in nanoseconds since 1970; 0 where the file system does not tell.</summary>
    public long BirthNanoseconds { get; init; }

    /// <summary>Size in bytes.</summary>
    public long SizeBytes { get; init; }

    /// <summary>Number of hard links.</summary>
    public uint Links { get; init; }

    /// <summary>Major number of the device that a device node stands for.</summary>
    public uint DeviceMajor { get; init; }

    /// <summary>Minor number of the device that a device node stands for.</summary>
    public uint DeviceMinor { get; init; }

    /// <summary>Device that holds the file: major in the upper, minor in the lower half.</summary>
    public ulong FileSystem { get; init; }

    /// <summary>Bytes that its content takes on the disk; less than <see cref="SizeBytes"/> where it has holes.</summary>
    public long AllocatedBytes { get; init; }

    /// <summary>Last change of its content: seconds since 1970.</summary>
    public long ModifiedSeconds { get; init; }

    /// <summary>Last change of its content: nanoseconds.</summary>
    public uint ModifiedNanoseconds { get; init; }

    /// <summary>Reads the status of a file.</summary>
    /// <exception cref="LinuxException">It does not exist, or may not be looked at.</exception>
    /// <param name="path">The path.</param>
    /// <param name="followLink">Whether a symbolic link at the path's end is followed.</param>
    public static FileStatus Of(string path, bool followLink = true) => TryGet(path, followLink, out FileStatus status) ? status : throw LinuxException.Last("stat", path);

    /// <summary>Reads the status of a file; false where it cannot be read, usually because there is none.</summary>
    /// <param name="path">The path.</param>
    /// <param name="followLink">Whether a symbolic link at the path's end is followed.</param>
    /// <param name="status">The status.</param>
    public static bool TryGet(string path, bool followLink, out FileStatus status)
    {
        return TryGet(Libc.AT_FDCWD, path, followLink ? 0 : Libc.AT_SYMLINK_NOFOLLOW, out status);
    }

    /// <summary>Reads the status of an open file.</summary>
    /// <param name="handle">The file.</param>
    /// <exception cref="LinuxException">The handle is closed.</exception>
    public static FileStatus Of(SafeFileHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        bool found = TryGet((int)handle.DangerousGetHandle(), "", Libc.AT_EMPTY_PATH, out FileStatus status);
        GC.KeepAlive(handle);
        return found ? status : throw LinuxException.Last("statx");
    }

    /// <summary>Reads the status of a name in an open directory, without following a link; false where there is none, or it may not be looked at.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The name.</param>
    /// <param name="status">The status.</param>
    public static bool TryGet(SafeFileHandle directory, string name, out FileStatus status)
    {
        bool found = TryGet((int)directory.DangerousGetHandle(), name, Libc.AT_SYMLINK_NOFOLLOW, out status);
        GC.KeepAlive(directory);
        return found;
    }

    private static unsafe bool TryGet(int directory, string path, int flags, out FileStatus status)
    {
        Libc.statx_t buffer;
        if (Libc.statx(directory, path, flags, Libc.STATX_BASIC_STATS | Libc.STATX_BTIME, &buffer) != 0)
        {
            status = default;
            return false;
        }

        status = new FileStatus
        {
            Type = (FileType)(buffer.stx_mode & Libc.S_IFMT),
            Permissions = (uint)(buffer.stx_mode & ~Libc.S_IFMT),
            Uid = buffer.stx_uid,
            Gid = buffer.stx_gid,
            Inode = buffer.stx_ino,
            BirthNanoseconds = (buffer.stx_mask & Libc.STATX_BTIME) != 0 ? (buffer.stx_btime_sec * 1_000_000_000) + buffer.stx_btime_nsec : 0,
            SizeBytes = (long)buffer.stx_size,
            AllocatedBytes = (long)buffer.stx_blocks * 512,
            ModifiedSeconds = buffer.stx_mtime_sec,
            ModifiedNanoseconds = buffer.stx_mtime_nsec,
            Links = buffer.stx_nlink,
            DeviceMajor = buffer.stx_rdev_major,
            DeviceMinor = buffer.stx_rdev_minor,
            FileSystem = ((ulong)buffer.stx_dev_major << 32) | buffer.stx_dev_minor,
        };
        return true;
    }
}
