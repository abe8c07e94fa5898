using Tare.Linux.Cgroups;

namespace Tare.UnitTests.Linux.Cgroups;

public sealed class CgroupTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("")]
    [InlineData("/a/../b")]
    public void PathsThatLeaveTheHierarchyAreRefused(string path)
    {
        using FakeHierarchies fake = FakeHierarchies.Legacy("memory");
        Assert.Throws<CgroupException>(() => Cgroup.Open(fake.Hierarchies, path));
    }

    [Fact]
    public void CreateMakesParentsAndCpusetsInherit()
    {
        using FakeHierarchies fake = FakeHierarchies.Legacy("cpuset", "memory");
        fake.Write("cpuset/cpuset.cpus", "0-1\n");
        fake.Write("cpuset/cpuset.mems", "0\n");
        Cgroup cgroup = Cgroup.Create(fake.Hierarchies, "tare/abc");
        Assert.Equal("/tare/abc", cgroup.Path);
        Assert.True(Directory.Exists(fake.PathOf("memory/tare/abc")));
        Assert.True(Directory.Exists(fake.PathOf("cpuset/tare/abc")));
    }

    [Fact]
    public void CreateRefusesAGroupWithProcessesAndLeavesNothing()
    {
        using FakeHierarchies fake = FakeHierarchies.Legacy("cpu", "memory");
        fake.Add("memory/busy", "cgroup.procs");
        fake.Write("memory/busy/cgroup.procs", "12\n");
        CgroupException e = Assert.Throws<CgroupException>(() => Cgroup.Create(fake.Hierarchies, "/busy"));
        Assert.Contains("container's cgroup is not empty: 1 process(es) found", e.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(fake.PathOf("cpu/busy")));
    }

    [Fact]
    public void ACpusetIsFilledThroughParentsThatOthersLeftEmpty()
    {
        using FakeHierarchies fake = FakeHierarchies.Legacy("cpuset");
        fake.Write("cpuset/cpuset.cpus", "0-1\n");
        fake.Write("cpuset/cpuset.mems", "0\n");
        foreach (string folder in (string[])["cpuset/a", "cpuset/a/b", "cpuset/a/b/c"])
        {
            fake.Add(folder, "cpuset.cpus", "cpuset.mems", "cgroup.procs");
        }

        _ = Cgroup.Create(fake.Hierarchies, "/a/b/c");
        Assert.Equal(["0-1", "0-1", "0-1"], new[] { "a", "a/b", "a/b/c" }.Select(folder => fake.Read($"cpuset/{folder}/cpuset.cpus")));
    }

    [Fact]
    public void CreateRefusesAFrozenGroup()
    {
        using FakeHierarchies fake = FakeHierarchies.Legacy("freezer");
        fake.Add("freezer/cold", "cgroup.procs", "freezer.state");
        fake.Write("freezer/cold/freezer.state", "FROZEN\n");
        Assert.Contains("container's cgroup unexpectedly frozen", Assert.Throws<CgroupException>(() => Cgroup.Create(fake.Hierarchies, "/cold")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheRestOfAGroupIsMadeAfterItsUnifiedDirectory()
    {
        using FakeHierarchies fake = FakeHierarchies.Hybrid("cpu", "memory");
        Cgroup unified = Cgroup.CreateUnified(fake.Hierarchies, "/tare/x");
        Assert.Equal(fake.PathOf("unified/tare/x"), Assert.Single(unified.Directories).Path);
        Assert.False(Directory.Exists(fake.PathOf("cpu/tare")));

        // The process that was born there meanwhile.
        fake.Write("unified/tare/x/cgroup.procs", "12\n");
        Cgroup whole = unified.CreateRest();
        Assert.Equal(
            [fake.PathOf("cpu/tare/x"), fake.PathOf("memory/tare/x"), fake.PathOf("unified/tare/x")],
            whole.Directories.Select(directory => directory.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ARestThatFailsLeavesTheUnifiedDirectoryToTheCaller()
    {
        using FakeHierarchies fake = FakeHierarchies.Hybrid("cpu", "memory");
        fake.Add("memory/busy", "cgroup.procs");
        fake.Write("memory/busy/cgroup.procs", "12\n");
        Cgroup unified = Cgroup.CreateUnified(fake.Hierarchies, "/busy");
        Assert.Throws<CgroupException>(unified.CreateRest);
        Assert.False(Directory.Exists(fake.PathOf("cpu/busy")));
        Assert.True(Directory.Exists(fake.PathOf("unified/busy")));
    }

    [Fact]
    public void CreateOnVersion2EnablesControllersDownThePath()
    {
        using FakeHierarchies fake = FakeHierarchies.Unified("cpu memory");
        fake.Add("tare", "cgroup.subtree_control");
        _ = Cgroup.Create(fake.Hierarchies, "/tare/x");
        Assert.Equal("+cpu +memory", fake.Read("cgroup.subtree_control"));
        Assert.Equal("+cpu +memory", fake.Read("tare/cgroup.subtree_control"));
    }

    [Fact]
    public void JoinWritesThePidEverywhere()
    {
        using FakeHierarchies fake = FakeHierarchies.Legacy("cpu", "memory");
        fake.Add("cpu/c", "cgroup.procs");
        fake.Add("memory/c", "cgroup.procs");
        Cgroup.Open(fake.Hierarchies, "/c").Join(4711);
        Assert.Equal("4711", fake.Read("cpu/c/cgroup.procs"));
        Assert.Equal("4711", fake.Read("memory/c/cgroup.procs"));
    }

    [Fact]
    public void ProcessesOfSubgroupsBelong()
    {
        using FakeHierarchies fake = FakeHierarchies.Legacy("pids");
        fake.Add("pids/c/inner", "cgroup.procs");
        fake.Write("pids/c/cgroup.procs", "5\n0\n6\n");
        fake.Write("pids/c/inner/cgroup.procs", "7\n");
        Assert.Equal([5, 6, 7], Cgroup.Open(fake.Hierarchies, "/c").Processes());
    }

    [Fact]
    public void UsageIsReadFromVersion1()
    {
        using FakeHierarchies fake = FakeHierarchies.Legacy("cpu", "cpuacct", "memory", "pids", "blkio");
        fake.Add("memory/c");
        fake.Add("cpu/c");
        fake.Add("cpuacct/c");
        fake.Add("pids/c");
        fake.Add("blkio/c");
        fake.Write("memory/c/memory.usage_in_bytes", "1048576\n");
        fake.Write("memory/c/memory.limit_in_bytes", "9223372036854771712\n");
        fake.Write("memory/c/memory.stat", "cache 5\ninactive_file 1\ntotal_inactive_file 4096\n");
        fake.Write("memory/c/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
        fake.Write("cpuacct/c/cpuacct.usage", "123456789\n");
        fake.Write("cpuacct/c/cpuacct.stat", "user 10\nsystem 5\n");
        fake.Write("cpu/c/cpu.stat", "nr_periods 7\nnr_throttled 3\nthrottled_time 99\n");
        fake.Write("pids/c/pids.current", "4\n");
        fake.Write("pids/c/pids.max", "max\n");
        fake.Write("blkio/c/blkio.throttle.io_service_bytes_recursive", "254:0 Read 4096\n254:0 Write 8192\n254:0 Total 12288\nTotal 12288\n");
        Cgroup cgroup = Cgroup.Open(fake.Hierarchies, "/c");
        Assert.Equal(2, cgroup.OutOfMemoryKills());
        Assert.Equal(
            new CgroupUsage
            {
                MemoryBytes = 1048576,
                MemoryInactiveFileBytes = 4096,
                CpuNanoseconds = 123456789,
                CpuUserNanoseconds = 100_000_000,
                CpuSystemNanoseconds = 50_000_000,
                CpuPeriods = 7,
                CpuThrottledPeriods = 3,
                CpuThrottledNanoseconds = 99,
                Pids = 4,
                BlockReadBytes = 4096,
                BlockWrittenBytes = 8192,
            },
            cgroup.ReadUsage());
    }

    [Fact]
    public void UsageIsReadFromVersion2()
    {
        using FakeHierarchies fake = FakeHierarchies.Unified("cpu io memory pids");
        fake.Add("c");
        fake.Write("c/memory.current", "2097152\n");
        fake.Write("c/memory.max", "max\n");
        fake.Write("c/memory.stat", "anon 5\ninactive_file 8192\n");
        fake.Write("c/memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n");
        fake.Write("c/cpu.stat", "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\nnr_periods 2\nnr_throttled 1\nthrottled_usec 7\n");
        fake.Write("c/io.stat", "254:0 rbytes=100 wbytes=200 rios=1 wios=2 dbytes=0 dios=0\n8:0 rbytes=1 wbytes=2 rios=1 wios=1\n");
        fake.Write("c/pids.current", "1\n");
        fake.Write("c/pids.max", "50\n");
        Cgroup cgroup = Cgroup.Open(fake.Hierarchies, "/c");
        CgroupUsage usage = cgroup.ReadUsage();
        Assert.Equal(1, cgroup.OutOfMemoryKills());
        Assert.Equal((2097152, 8192, long.MaxValue), (usage.MemoryBytes, usage.MemoryInactiveFileBytes, usage.MemoryLimitBytes));
        Assert.Equal((1_500_000, 1_000_000, 500_000, 7000), (usage.CpuNanoseconds, usage.CpuUserNanoseconds, usage.CpuSystemNanoseconds, usage.CpuThrottledNanoseconds));
        Assert.Equal((101, 202, 1, 50), (usage.BlockReadBytes, usage.BlockWrittenBytes, usage.Pids, usage.PidsLimit));
    }
}
