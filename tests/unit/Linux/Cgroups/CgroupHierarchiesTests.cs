using Tare.Linux.Cgroups;

namespace Tare.UnitTests.Linux.Cgroups;

public sealed class CgroupHierarchiesTests
{
    private const string Hybrid = """
        23 1 254:0 / / rw,relatime - ext4 /dev/root rw
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,release_agent=/lib/systemd/systemd-cgroups-agent,name=systemd
        41 31 0:38 / /no/such/unified rw,relatime - cgroup2 cgroup2 rw
        77 50 0:32 / /mnt/with\040space/memory rw,relatime - cgroup cgroup rw,memory
        """;

    [Fact]
    public void HybridMountsAreFoundOnce()
    {
        CgroupHierarchies found = CgroupHierarchies.Parse(Hybrid);
        Assert.Equal(CgroupMode.Hybrid, found.Mode);
        Assert.Equal(["/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/systemd", "/no/such/unified"], found.All.Select(h => h.MountPoint));
        Assert.Equal("/sys/fs/cgroup/cpu,cpuacct", found.Find("cpuacct")!.MountPoint);
        Assert.Equal(["name=systemd"], found.All[2].Controllers);
        Assert.Null(found.Find("pids"));
    }

    [Fact]
    public void OctalEscapesOfPathsAreUndone() => Assert.Equal(
        "/mnt/with space/memory",
        CgroupHierarchies.Parse("77 50 0:32 / /mnt/with\\040space/memory rw - cgroup cgroup rw,memory\n").All[0].MountPoint);

    [Fact]
    public void UnifiedAloneIsVersion2()
    {
        using FakeHierarchies fake = FakeHierarchies.Unified("cpuset cpu io memory pids");
        Assert.Equal(CgroupMode.V2, fake.Hierarchies.Mode);
        Assert.Same(fake.Hierarchies.Unified, fake.Hierarchies.Find("memory"));
        Assert.Null(fake.Hierarchies.Find("devices"));
    }

    [Fact]
    public void NothingMountedIsNone() => Assert.Equal(CgroupMode.None, CgroupHierarchies.Parse("23 1 254:0 / / rw - ext4 /dev/root rw\n").Mode);
}
