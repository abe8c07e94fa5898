using System.Runtime.InteropServices;

namespace Tare.Linux.Quota;

#pragma warning disable CS1591 // the members have the names and meanings of include/uapi/linux/dqblk_xfs.h and fs.h

/// <summary>struct fsxattr: what FS_IOC_FSGETXATTR and FS_IOC_FSSETXATTR carry.</summary>
[StructLayout(LayoutKind.Sequential, Size = 28)]
public struct ProjectAttributes
{
    /// <summary>FS_XFLAG_PROJINHERIT: what is made in the directory belongs to its project.</summary>
    public const uint InheritProject = 0x200;

    public uint XFlags;
    public uint ExtentSize;
    public uint Extents;
    public uint ProjectId;
    public uint CowExtentSize;
}

/// <summary>struct fs_disk_quota: usage and limits of one id; blocks of 512 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 112)]
public struct DiskQuota
{
    /// <summary>FS_DQ_BHARD and FS_DQ_BSOFT: the block limits are set.</summary>
    public const ushort BlockLimits = 1 << 2 | 1 << 3;

    public sbyte Version;
    public sbyte Flags;
    public ushort FieldMask;
    public uint Id;
    public ulong BlockHardLimit;
    public ulong BlockSoftLimit;
    public ulong InodeHardLimit;
    public ulong InodeSoftLimit;
    public ulong BlockCount;
    public ulong InodeCount;
}

/// <summary>struct fs_quota_stat: which quotas are on.</summary>
[StructLayout(LayoutKind.Sequential, Size = 80)]
public struct QuotaState
{
    /// <summary>FS_QUOTA_PDQ_ENFD: limits of projects are enforced.</summary>
    public const ushort ProjectsEnforced = 1 << 5;

    public sbyte Version;
    public ushort Flags;
}
