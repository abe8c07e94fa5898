namespace Tare.Linux.Fuse;

/// <summary>Bits of the protocol's members (include/uapi/linux/fuse.h).</summary>
public static class FuseFlags
{
    /// <summary>Major version of the protocol.</summary>
    public const uint Major = 7;

    /// <summary>Minor version that is spoken here: FUSE_POSIX_ACL, max_pages and FUSE_HANDLE_KILLPRIV_V2 are known by it (Linux 5.11).</summary>
    public const uint Minor = 33;

    /// <summary>The node of the mount's root.</summary>
    public const ulong RootNode = 1;

    /// <summary>init: several reads of one file at a time.</summary>
    public const uint AsyncRead = 1 << 0;

    /// <summary>init: open takes O_TRUNC.</summary>
    public const uint AtomicTruncate = 1 << 3;

    /// <summary>init: writes of more than a page.</summary>
    public const uint BigWrites = 1 << 5;

    /// <summary>init: the umask is left to the server.</summary>
    public const uint DontMask = 1 << 6;

    /// <summary>init: READDIRPLUS is there.</summary>
    public const uint DoReadDirPlus = 1 << 13;

    /// <summary>init: the kernel chooses between READDIR and READDIRPLUS.</summary>
    public const uint ReadDirPlusAuto = 1 << 14;

    /// <summary>init: look-ups in one directory at a time.</summary>
    public const uint ParallelDirectoryOperations = 1 << 18;

    /// <summary>init: access lists are kept and checked.</summary>
    public const uint PosixAcl = 1 << 20;

    /// <summary>init: max_pages is told.</summary>
    public const uint MaxPages = 1 << 22;

    /// <summary>init: targets of symbolic links are kept.</summary>
    public const uint CacheSymlinks = 1 << 23;

    /// <summary>init: the server takes set-user-id bits and capabilities of files away.</summary>
    public const uint HandleKillPrivileges2 = 1 << 28;

    /// <summary>open: what the kernel holds of the file stays.</summary>
    public const uint OpenKeepCache = 1 << 1;

    /// <summary>open: set-user-id bits go, for the file is truncated.</summary>
    public const uint OpenKillPrivileges = 1 << 0;

    /// <summary>getattr: the handle of an open file is told.</summary>
    public const uint GetAttrHandle = 1 << 0;

    /// <summary>write: from the page cache, with nobody who waits for an answer.</summary>
    public const uint WriteCache = 1 << 0;

    /// <summary>write: set-user-id bits go.</summary>
    public const uint WriteKillPrivileges = 1 << 2;

    /// <summary>fsync: data only.</summary>
    public const uint SyncDataOnly = 1 << 0;

    /// <summary>setattr: mode.</summary>
    public const uint SetMode = 1 << 0;

    /// <summary>setattr: owner.</summary>
    public const uint SetUid = 1 << 1;

    /// <summary>setattr: group.</summary>
    public const uint SetGid = 1 << 2;

    /// <summary>setattr: size.</summary>
    public const uint SetSize = 1 << 3;

    /// <summary>setattr: time of access.</summary>
    public const uint SetAccess = 1 << 4;

    /// <summary>setattr: time of modification.</summary>
    public const uint SetModification = 1 << 5;

    /// <summary>setattr: the handle of an open file is told.</summary>
    public const uint SetHandle = 1 << 6;

    /// <summary>setattr: the time of access becomes now.</summary>
    public const uint SetAccessNow = 1 << 7;

    /// <summary>setattr: the time of modification becomes now.</summary>
    public const uint SetModificationNow = 1 << 8;

    /// <summary>setattr: set-user-id bits go.</summary>
    public const uint SetKillPrivileges = 1 << 11;
}
