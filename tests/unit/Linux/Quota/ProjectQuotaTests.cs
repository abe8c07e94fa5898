using System.Runtime.InteropServices;
using Tare.Linux.Quota;

namespace Tare.UnitTests.Linux.Quota;

/// <summary>The kernel's structures of project quotas, as include/uapi/linux/dqblk_xfs.h, fs.h and quota.h have them, and how the file system's device is found.</summary>
public sealed class ProjectQuotaTests
{
    [Fact]
    public void StructuresAreTheKernels()
    {
        Assert.Equal(28, Marshal.SizeOf<ProjectAttributes>());
        Assert.Equal(12, (int)Marshal.OffsetOf<ProjectAttributes>(nameof(ProjectAttributes.ProjectId)));
        Assert.Equal(112, Marshal.SizeOf<DiskQuota>());
        Assert.Equal(2, (int)Marshal.OffsetOf<DiskQuota>(nameof(DiskQuota.FieldMask)));
        Assert.Equal(4, (int)Marshal.OffsetOf<DiskQuota>(nameof(DiskQuota.Id)));
        Assert.Equal(8, (int)Marshal.OffsetOf<DiskQuota>(nameof(DiskQuota.BlockHardLimit)));
        Assert.Equal(40, (int)Marshal.OffsetOf<DiskQuota>(nameof(DiskQuota.BlockCount)));
        Assert.Equal(48, (int)Marshal.OffsetOf<DiskQuota>(nameof(DiskQuota.InodeCount)));
        Assert.Equal(80, Marshal.SizeOf<QuotaState>());
        Assert.Equal(2, (int)Marshal.OffsetOf<QuotaState>(nameof(QuotaState.Flags)));
    }

    [Fact]
    public void CommandsCarryTheKindOfQuota() => Assert.Equal(0x580402, ProjectQuota.CommandOf(ProjectQuota.SetLimits, ProjectQuota.Projects));

    [Fact]
    public void WhereNoneAreEnforcedThereIsNone() => Assert.Null(ProjectQuota.TryOpen("/proc"));

    [Theory]
    [InlineData("/var/lib/tare", "/dev/sdb1")]
    [InlineData("/var/lib/tarek", "/dev/sda1")]
    [InlineData("/mnt/a b/c", "/dev/mapper/x")]
    [InlineData("/proc/self", null)]
    [InlineData("/", "/dev/sda1")]
    public void TheDeviceIsThatOfTheDeepestMount(string path, string? device)
    {
        string[] lines =
        [
            "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
            "23 22 0:21 / /proc rw - proc proc rw",
            "24 22 8:17 / /var/lib/tare rw shared:2 master:1 - xfs /dev/sdb1 rw,prjquota",
            "25 22 253:0 / /mnt/a\\040b rw - ext4 /dev/mapper/x rw",
            "broken line",
        ];
        Assert.Equal(device, MountedDevice.Find(lines, path));
    }
}
