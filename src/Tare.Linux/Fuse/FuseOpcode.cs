namespace Tare.Linux.Fuse;

/// <summary>What a request asks (enum fuse_opcode of include/uapi/linux/fuse.h).</summary>
public enum FuseOpcode : uint
{
    /// <summary>Find a name in a directory.</summary>
    Lookup = 1,

    /// <summary>The kernel knows a node no more; no answer.</summary>
    Forget = 2,

    /// <summary>Attributes of a node.</summary>
    GetAttr = 3,

    /// <summary>Change attributes.</summary>
    SetAttr = 4,

    /// <summary>Target of a symbolic link.</summary>
    ReadLink = 5,

    /// <summary>Make a symbolic link.</summary>
    SymLink = 6,

    /// <summary>Make a file, a device, a fifo or a socket.</summary>
    MkNod = 8,

    /// <summary>Make a directory.</summary>
    MkDir = 9,

    /// <summary>Remove a name.</summary>
    Unlink = 10,

    /// <summary>Remove a directory.</summary>
    RmDir = 11,

    /// <summary>Rename, without flags.</summary>
    Rename = 12,

    /// <summary>Make another name.</summary>
    Link = 13,

    /// <summary>Open a file.</summary>
    Open = 14,

    /// <summary>Read from an open file.</summary>
    Read = 15,

    /// <summary>Write to an open file.</summary>
    Write = 16,

    /// <summary>Size and what is free.</summary>
    StatFs = 17,

    /// <summary>An open file is closed for the last time.</summary>
    Release = 18,

    /// <summary>Bring a file to the disk.</summary>
    FSync = 20,

    /// <summary>Set an extended attribute.</summary>
    SetXattr = 21,

    /// <summary>Get an extended attribute.</summary>
    GetXattr = 22,

    /// <summary>Names of the extended attributes.</summary>
    ListXattr = 23,

    /// <summary>Remove an extended attribute.</summary>
    RemoveXattr = 24,

    /// <summary>The first request.</summary>
    Init = 26,

    /// <summary>Open a directory.</summary>
    OpenDir = 27,

    /// <summary>Read a directory.</summary>
    ReadDir = 28,

    /// <summary>An open directory is closed for the last time.</summary>
    ReleaseDir = 29,

    /// <summary>Bring a directory to the disk.</summary>
    FSyncDir = 30,

    /// <summary>Make and open a file.</summary>
    Create = 35,

    /// <summary>A caller is interrupted; no answer.</summary>
    Interrupt = 36,

    /// <summary>The last request.</summary>
    Destroy = 38,

    /// <summary>An ioctl.</summary>
    IoCtl = 39,

    /// <summary>Several <see cref="Forget"/> in one; no answer.</summary>
    BatchForget = 42,

    /// <summary>Allocate space, or give it back.</summary>
    FAllocate = 43,

    /// <summary>Read a directory with the attributes of what is in it.</summary>
    ReadDirPlus = 44,

    /// <summary>Rename with flags.</summary>
    Rename2 = 45,

    /// <summary>Find data or a hole.</summary>
    LSeek = 46,

    /// <summary>Make and open a file without a name (Linux 6.2).</summary>
    TmpFile = 51,
}
