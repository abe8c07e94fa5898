namespace Tare.Linux.Mounts;

/// <summary>Attributes of a mount, as fsmount(2) and mount_setattr(2) take them (include/uapi/linux/mount.h).</summary>
[Flags]
public enum MountAttributes : ulong
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Read-only.</summary>
    ReadOnly = 0x1,

    /// <summary>Set-user-id bits have no effect.</summary>
    NoSuid = 0x2,

    /// <summary>Device nodes cannot be opened.</summary>
    NoDev = 0x4,

    /// <summary>Programs cannot be executed.</summary>
    NoExec = 0x8,

    /// <summary>The three bits of the access time mode; relatime is 0.</summary>
    AccessTimeMask = 0x70,

    /// <summary>Access times are not kept.</summary>
    NoAccessTime = 0x10,

    /// <summary>Access times are kept always.</summary>
    StrictAccessTime = 0x20,

    /// <summary>Access times of directories are not kept.</summary>
    NoDirectoryAccessTime = 0x80,

    /// <summary>User and group ids are mapped by a user namespace (5.12).</summary>
    IdMapped = 0x100000,

    /// <summary>Symbolic links are not followed (5.10).</summary>
    NoSymbolicLinkFollow = 0x200000,
}
