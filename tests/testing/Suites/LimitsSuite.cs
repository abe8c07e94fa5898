namespace Tare.Testing.Suites;

/// <summary><c>run</c>: limits, capabilities, seccomp, what the process may do.</summary>
public abstract class LimitsSuite(DaemonFixture daemon, string client) : ClientSuite(daemon, client)
{
    private const string DefaultCapabilities = "00000000a80425fb";

    private static bool IsV1 => Directory.Exists("/sys/fs/cgroup/memory");

    private string Limit(string options, string v1, string v2) => Sh(options, $"cat /sys/fs/cgroup/{(IsV1 ? v1 : v2)}").Ok().Text;

    [Fact]
    public void Memory() => Assert.Equal("33554432", Limit("--memory 32m", "memory/memory.limit_in_bytes", "memory.max"));

    [Fact]
    public void MemoryLimitKills()
    {
        string name = NewName();
        Client(["run", "--name", name, "--memory", "8m", "--memory-swap", "8m", "busybox", "sh", "-c", "x=$(head -c 100000000 /dev/zero | tr '\\0' x); echo survived"]).Exits(137);
        Assert.Equal("true", Client(["inspect", "-f", "{{.State.OOMKilled}}", name]).Ok().Text);
        Client($"rm {name}").Ok();
    }

    [Fact]
    public void Cpus() => Assert.Equal(IsV1 ? "150000" : "150000 100000", Limit("--cpus 1.5", "cpu/cpu.cfs_quota_us", "cpu.max"));

    [Fact]
    public void CpuPeriodAndQuota()
    {
        Assert.Equal(IsV1 ? "25000" : "25000 50000", Limit("--cpu-period 50000 --cpu-quota 25000", "cpu/cpu.cfs_quota_us", "cpu.max"));
    }

    [Fact]
    public void CpuShares() => Assert.NotEqual("", Limit("--cpu-shares 512", "cpu/cpu.shares", "cpu.weight"));

    [Fact]
    public void CpuSet() => Assert.Equal("0", Limit("--cpuset-cpus 0", "cpuset/cpuset.cpus", "cpuset.cpus"));

    [Fact]
    public void Pids()
    {
        Assert.Equal("50", Limit("--pids-limit 50", "pids/pids.max", "pids.max"));
        Assert.NotEqual(0, Sh("--pids-limit 5", "for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait").ExitCode);
    }

    [Fact]
    public void DeviceReadRate()
    {
        string device = RootDevice();
        Assert.SkipWhen(device.Length == 0, "the root file system is on no block device");
        Assert.Contains("1048576", Limit($"--device-read-bps {device}:1mb", "blkio/blkio.throttle.read_bps_device", "io.max"), StringComparison.Ordinal);
        Assert.Contains("777", Limit($"--device-write-iops {device}:777", "blkio/blkio.throttle.write_iops_device", "io.max"), StringComparison.Ordinal);
    }

    [Fact]
    public void Ulimit() => Assert.Equal("100\n200\n", Sh("--ulimit nofile=100:200", "ulimit -Sn; ulimit -Hn").Ok().Stdout);

    [Fact]
    public void DefaultCapabilitiesAreDockers() => Assert.Equal(DefaultCapabilities, Effective(""));

    [Fact]
    public void DroppedCapabilities() => Assert.Equal("0000000000000000", Effective("--cap-drop ALL"));

    [Fact]
    public void AddedCapability() => Assert.Equal("00000000a80435fb", Effective("--cap-add NET_ADMIN"));

    [Fact]
    public void OnlyOneCapability() => Assert.Equal("0000000000001000", Effective("--cap-drop ALL --cap-add CAP_NET_ADMIN"));

    [Fact]
    public void PrivilegedHasAllCapabilitiesThatTheDaemonHas()
    {
        string bounding = File.ReadLines("/proc/self/status").First(line => line.StartsWith("CapBnd:", StringComparison.Ordinal)).Split('\t')[1];
        Assert.Equal(bounding, Effective("--privileged"));
    }

    [Fact]
    public void PrivilegedSeesDevicesAndWritesSys() => Sh("--privileged", "[ -e /dev/loop-control ] || [ -e /dev/fuse ]; touch /proc/sys/kernel/domainname && mount -t tmpfs none /tmp").Ok();

    [Fact]
    public void SeccompFilterIsOn()
    {
        Assert.Equal("Seccomp:\t2", Sh("", "grep -w Seccomp: /proc/self/status").Ok().Text);
        Assert.Contains("Operation not permitted", Sh("", "unshare -U true").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Equal("Seccomp:\t0", Sh("--privileged", "grep -w Seccomp: /proc/self/status").Ok().Text);
        Assert.Equal("Seccomp:\t0", Sh("--security-opt seccomp=unconfined", "grep -w Seccomp: /proc/self/status").Ok().Text);
    }

    [Fact]
    public void KernelFilesAreMaskedAndReadOnly()
    {
        Assert.Equal("0", Sh("", "wc -c < /proc/timer_list").Ok().Text);
        Assert.Contains("Read-only file system", Sh("", "echo 1 > /proc/sys/vm/swappiness").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("Read-only file system", Sh("", "mkdir /sys/fs/cgroup/x || mkdir /sys/fs/cgroup/memory/x").Exits(1).Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void NoNewPrivileges() => Assert.Equal("NoNewPrivs:\t1", Sh("--security-opt no-new-privileges", "grep NoNewPrivs /proc/self/status").Ok().Text);

    [Theory]
    [InlineData("--memory 1m", "Minimum memory limit allowed is 6MB")]
    [InlineData("--cpus 1000", "range of CPUs is from 0.01 to")]
    [InlineData("--cpuset-cpus 900", "equested CPUs are not available")]
    [InlineData("--cpu-period 10", "CPU cfs period")]
    public void LimitsOutOfRangeAreErrors(string option, string message)
    {
        CommandResult result = Sh(option, "true").Exits(125);
        Assert.Contains(message, result.Stderr, StringComparison.OrdinalIgnoreCase);
    }

    private string Effective(string options) => Sh(options, "grep CapEff /proc/self/status").Ok().Text.Split('\t')[1];

    private static string RootDevice()
        => File.ReadLines("/proc/self/mounts").Select(line => line.Split(' ')).LastOrDefault(parts => parts[1] == "/" && parts[0].StartsWith("/dev/", StringComparison.Ordinal))?[0] ?? "";
}
