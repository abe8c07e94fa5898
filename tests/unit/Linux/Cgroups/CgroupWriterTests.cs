using Tare.Linux;
using Tare.Linux.Cgroups;

namespace Tare.UnitTests.Linux.Cgroups;

public sealed class CgroupWriterTests
{
    [Fact]
    public void Version1FilesReceiveTheLimits()
    {
        using FakeHierarchies fake = FakeHierarchies.Legacy("memory", "cpu", "cpuset", "pids", "blkio", "devices");
        fake.Add("memory/c", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.soft_limit_in_bytes");
        fake.Add("cpu/c", "cpu.shares", "cpu.cfs_quota_us", "cpu.cfs_period_us");
        fake.Add("cpuset/c", "cpuset.cpus");
        fake.Add("pids/c", "pids.max");
        fake.Add("blkio/c", "blkio.bfq.weight", "blkio.throttle.read_bps_device");
        fake.Add("devices/c", "devices.allow", "devices.deny");
        Cgroup.Open(fake.Hierarchies, "/c").Apply(new CgroupResources
        {
            MemoryLimitBytes = 64 << 20,
            MemorySwapBytes = 128 << 20,
            MemoryReservationBytes = 32 << 20,
            CpuShares = 512,
            CpuQuotaMicroseconds = 50000,
            CpuPeriodMicroseconds = 100000,
            CpusetCpus = "0",
            PidsLimit = -1,
            BlockWeight = 300,
            BlockReadBytes = [new BlockDeviceValue(254, 0, 1 << 20)],
            Devices =
            [
                new(true, 'c', 9, 9, "rwm"), new(false, 'a', null, null, "rwm"), new(true, 'c', 1, 3, "rwm"), new(true, 'b', 8, null, "r"), new(false, 'c', 10, 229, "rwm"),
            ],
        });
        Assert.Equal("67108864", fake.Read("memory/c/memory.limit_in_bytes"));
        Assert.Equal("134217728", fake.Read("memory/c/memory.memsw.limit_in_bytes"));
        Assert.Equal("33554432", fake.Read("memory/c/memory.soft_limit_in_bytes"));
        Assert.Equal("512", fake.Read("cpu/c/cpu.shares"));
        Assert.Equal("50000", fake.Read("cpu/c/cpu.cfs_quota_us"));
        Assert.Equal("100000", fake.Read("cpu/c/cpu.cfs_period_us"));
        Assert.Equal("0", fake.Read("cpuset/c/cpuset.cpus"));
        Assert.Equal("max", fake.Read("pids/c/pids.max"));
        Assert.Equal("300", fake.Read("blkio/c/blkio.bfq.weight"));
        Assert.Equal("254:0 1048576", fake.Read("blkio/c/blkio.throttle.read_bps_device"));
        Assert.Equal("ac 10:229 rwm", fake.Read("devices/c/devices.deny"));
        Assert.Equal("c 1:3 rwmb 8:* r", fake.Read("devices/c/devices.allow"));
    }

    [Fact]
    public void Version2FilesReceiveConvertedLimits()
    {
        using FakeHierarchies fake = FakeHierarchies.Unified("cpuset cpu io memory pids");
        fake.Add("c", "memory.max", "memory.swap.max", "memory.low", "memory.high", "cpu.weight", "cpu.max", "pids.max", "io.weight", "io.max", "cgroup.subtree_control");
        Cgroup.Open(fake.Hierarchies, "/c").Apply(new CgroupResources
        {
            MemoryLimitBytes = 64 << 20,
            MemorySwapBytes = 96 << 20,
            MemoryReservationBytes = 32 << 20,
            CpuShares = 1024,
            CpuQuotaMicroseconds = -1,
            CpuPeriodMicroseconds = 50000,
            PidsLimit = 10,
            BlockWeight = 1000,
            BlockWriteOperations = [new BlockDeviceValue(254, 0, 0)],
            Unified = new Dictionary<string, string> { ["memory.high"] = "1234" },
        });
        Assert.Equal("67108864", fake.Read("c/memory.max"));
        Assert.Equal("33554432", fake.Read("c/memory.swap.max"));
        Assert.Equal("33554432", fake.Read("c/memory.low"));
        Assert.Equal("1234", fake.Read("c/memory.high"));
        Assert.Equal("100", fake.Read("c/cpu.weight"));
        Assert.Equal("max 50000", fake.Read("c/cpu.max"));
        Assert.Equal("10", fake.Read("c/pids.max"));
        Assert.Equal("default 10000", fake.Read("c/io.weight"));
        Assert.Equal("254:0 wiops=max", fake.Read("c/io.max"));
    }

    [Fact]
    public void AMissingControllerIsAnErrorOnlyWhenALimitAsksForIt()
    {
        using FakeHierarchies fake = FakeHierarchies.Legacy("cpu");
        fake.Add("cpu/c", "cpu.shares");
        Cgroup cgroup = Cgroup.Open(fake.Hierarchies, "/c");
        cgroup.Apply(new CgroupResources { PidsLimit = -1 });
        CgroupException e = Assert.Throws<CgroupException>(() => cgroup.Apply(new CgroupResources { MemoryLimitBytes = 1 << 20 }));
        Assert.Contains("\"memory\"", e.Message, StringComparison.Ordinal);
        Assert.Throws<CgroupException>(() => cgroup.Apply(new CgroupResources { PidsLimit = 5 }));
    }

    [Theory]
    [InlineData(1ul, null, null, null, "cpu shares")]
    [InlineData(null, 500L, null, null, "cpu quota to 500 µs: the kernel takes 1000")]
    [InlineData(null, null, 100ul, null, "cpu period to 100 µs: the kernel takes 1000 to 1000000")]
    [InlineData(null, null, null, (ushort)5, "block I/O weight to 5: the kernel takes 10 to 1000")]
    public void LimitsOutOfTheKernelsRangeAreNamed(ulong? shares, long? quota, ulong? period, ushort? weight, string expected)
    {
        using FakeHierarchies fake = FakeHierarchies.Legacy("cpu", "blkio");
        CgroupException e = Assert.Throws<CgroupException>(() => Cgroup.Open(fake.Hierarchies, "/c").Apply(
            new CgroupResources { CpuShares = shares, CpuQuotaMicroseconds = quota, CpuPeriodMicroseconds = period, BlockWeight = weight }));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SwapBelowMemoryIsRefused()
    {
        using FakeHierarchies fake = FakeHierarchies.Legacy("memory");
        fake.Add("memory/c", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes");
        Assert.Throws<CgroupException>(() => Cgroup.Open(fake.Hierarchies, "/c").Apply(new CgroupResources { MemoryLimitBytes = 100 << 20, MemorySwapBytes = 50 << 20 }));
    }

    [Fact]
    public void AKernelWithoutTheFileIsNamed()
    {
        using FakeHierarchies fake = FakeHierarchies.Legacy("blkio");
        fake.Add("blkio/c");
        CgroupException e = Assert.Throws<CgroupException>(() => Cgroup.Open(fake.Hierarchies, "/c").Apply(new CgroupResources { BlockWeight = 100 }));
        Assert.Equal(Errno.ENOENT, e.Errno);
        Assert.Contains("blkio.bfq.weight", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2ul, 1ul)]
    [InlineData(1024ul, 100ul)]
    [InlineData(262144ul, 10000ul)]
    [InlineData(512ul, 59ul)]
    public void SharesBecomeWeights(ulong shares, ulong weight) => Assert.Equal(weight, CgroupWriter.WeightOfShares(shares));
}
