using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Machine;
using Tare.Engine.Validation;

namespace Tare.UnitTests.Engine;

public sealed class ValidationTests
{
    private static readonly Tare.Engine.TareEngineOptions s_options = new() { RuntimePath = "/runtime" };

    private static readonly MachineFacts s_machine = new()
    {
        CgroupVersion = 2,
        Memory = true,
        Swap = true,
        Pids = true,
        CpuShares = true,
        CpuQuota = true,
        CpuSet = true,
        BlkioWeight = true,
        BlkioThrottle = true,
        Cpus = 2,
        AvailableCpus = "0-1",
        AvailableMems = "0",
    };

    public static TheoryData<string, Action<HostConfig>> WrongHosts => new()
    {
        { "Minimum memory limit allowed is 6MB", h => h.Memory = 4 << 20 },
        { "You should always set the Memory limit when using Memoryswap limit, see usage", h => h.MemorySwap = 100 << 20 },
        { "Minimum memoryswap limit should be larger than memory limit, see usage", h => (h.Memory, h.MemorySwap) = (100 << 20, 50 << 20) },
        { "Minimum memory limit can not be less than memory reservation limit, see usage", h => (h.Memory, h.MemoryReservation) = (100 << 20, 200 << 20) },
        { "range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available", h => h.NanoCpus = 100_000_000_000 },
        { "Conflicting options: Nano CPUs and CPU Period cannot both be set", h => (h.NanoCpus, h.CpuPeriod) = (1_000_000_000, 1000) },
        { "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)", h => h.CpuPeriod = 10 },
        { "CPU cfs quota can not be less than 1ms (i.e. 1000)", h => h.CpuQuota = 10 },
        { "Requested CPUs are not available - requested 77, available: 0-1", h => h.CpusetCpus = "77" },
        { "Invalid value x for cpuset cpus: invalid format: x", h => h.CpusetCpus = "x" },
        { "Requested memory nodes are not available - requested 9, available: 0", h => h.CpusetMems = "9" },
        { "Range of blkio weight is from 10 to 1000", h => h.BlkioWeight = 5 },
        { "invalid CPU shares (-1): value must be a positive integer", h => h.CpuShares = -1 },
        { "Invalid value 3000, range for oom score adj is [-1000, 1000]", h => h.OomScoreAdj = 3000 },
        { "invalid IPC mode: foo", h => h.IpcMode = "foo" },
        { "invalid isolation (hyperv): linux only supports 'default'", h => h.Isolation = "hyperv" },
        { "invalid option: QoS maximum bandwidth configuration is not supported on linux", h => h.IOMaximumBandwidth = 1 },
        { "bad format for add-host: \"a\"", h => h.ExtraHosts = ["a"] },
        { "invalid IP address in add-host: \"zzz\"", h => h.ExtraHosts = ["a:zzz"] },
        { "invalid Annotations: the empty string is not permitted as an annotation key", h => h.Annotations = new() { [""] = "x" } },
        { "unknown or invalid runtime name: foo", h => h.Runtime = "foo" },
        { "error looking up logging plugin foo: plugin \"foo\" not found", h => h.LogConfig = new LogConfig { Type = "foo" } },
        { "unknown log opt 'foo' for json-file log driver", h => h.LogConfig = new LogConfig { Config = new() { ["foo"] = "1" } } },
        {
            "invalid restart policy: unknown policy 'x'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
            h => h.RestartPolicy = new RestartPolicy { Name = "x" }
        },
        {
            "can't create 'AutoRemove' container with restart policy",
            h => (h.AutoRemove, h.RestartPolicy) = (true, new RestartPolicy { Name = "always" })
        },
    };

    [Theory]
    [MemberData(nameof(WrongHosts))]
    public void WrongHostConfigurationsAreRefusedInDockersWords(string message, Action<HostConfig> spoil)
    {
        HostConfig host = new();
        spoil(host);
        EngineException error = Assert.Throws<EngineException>(() => Check(new ContainerConfig(), host));
        Assert.Equal(message, error.Message);
        Assert.Equal(ErrorClass.InvalidArgument, error.Class);
    }

    [Theory]
    [InlineData("foo=bar", "invalid --security-opt 2: \"foo=bar\"")]
    [InlineData("foo", "invalid --security-opt 1: \"foo\"")]
    [InlineData("writable-cgroups=maybe", "invalid --security-opt 2: \"writable-cgroups=maybe\"")]
    public void WrongSecurityOptionsAreFaultsOfTheDaemonAsDockers(string option, string message)
    {
        EngineException error = Assert.Throws<EngineException>(() => SecurityOptions.Parse([option]));
        Assert.Equal((ErrorClass.Internal, message), (error.Class, error.Message));
    }

    [Fact]
    public void SecurityOptionsTakeTheWordsForTruthOfGo()
    {
        Assert.True(SecurityOptions.Parse(["no-new-privileges=T"]).NoNewPrivileges);
        Assert.True(SecurityOptions.Parse(["writable-cgroups"]).WritableCgroups);
        Assert.False(SecurityOptions.Parse(["writable-cgroups=0"]).WritableCgroups);
        Assert.Null(SecurityOptions.Parse(["label=disable"]).WritableCgroups);
    }

    [Fact]
    public void WrongConfigurationsAreRefusedInDockersWords()
    {
        AssertRefused(new ContainerConfig { WorkingDir = "relative" }, "the working directory 'relative' is invalid, it needs to be an absolute path");
        AssertRefused(new ContainerConfig { StopSignal = "FOO" }, "invalid signal: FOO");
        AssertRefused(new ContainerConfig { Env = ["=x"] }, "invalid environment variable: =x");
        AssertRefused(new ContainerConfig { Healthcheck = new HealthConfig { Interval = 1000 } }, "Interval in Healthcheck cannot be less than 1ms");
    }

    [Fact]
    public void ConflictingModesAreRefused()
    {
        EngineException error = Assert.Throws<EngineException>(() => Check(new ContainerConfig { Hostname = "x" }, new HostConfig { UTSMode = "host" }));
        Assert.Equal("conflicting options: hostname and the UTS mode", error.Message);
        error = Assert.Throws<EngineException>(() => Check(new ContainerConfig { Hostname = "x" }, new HostConfig { NetworkMode = "container:y" }));
        Assert.Equal("conflicting options: hostname and the network mode", error.Message);
    }

    [Fact]
    public void LimitsThatTheKernelDoesNotKnowAreDiscardedWithAWarning()
    {
        HostConfig host = new() { BlkioWeight = 5, Memory = 100 << 20 };
        List<string> warnings = Check(new ContainerConfig(), host, s_machine with { BlkioWeight = false, Swap = false });
        Assert.Equal(0, host.BlkioWeight);
        Assert.Equal(-1, host.MemorySwap);
        Assert.Contains("Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.", warnings);
        Assert.Contains("Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.", warnings);
    }

    [Fact]
    public void DefaultsAreDockers()
    {
        HostConfig host = new() { Memory = 100 << 20 };
        HostConfigDefaults.Apply(host, cgroupVersion: 1, s_options);
        Assert.Equal("bridge", host.NetworkMode);
        Assert.Equal(64 << 20, host.ShmSize);
        Assert.Equal("private", host.IpcMode);
        Assert.Equal("host", host.CgroupnsMode);
        Assert.Equal("json-file", host.LogConfig!.Type);
        Assert.Equal(200 << 20, host.MemorySwap);
        Assert.Contains("/proc/kcore", host.MaskedPaths!);
        HostConfig privileged = new() { Privileged = true };
        HostConfigDefaults.Apply(privileged, cgroupVersion: 2, s_options);
        Assert.Null(privileged.MaskedPaths);
        Assert.Null(privileged.ReadonlyPaths);
        Assert.Equal(["label=disable"], privileged.SecurityOpt!);
        Assert.False(privileged.OomKillDisable);
        Assert.Equal([0u, 0u], privileged.ConsoleSize);
    }

    [Theory]
    [InlineData("ok", true)]
    [InlineData("a1_.-", true)]
    [InlineData("a", false)]
    [InlineData("_a", false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("", false)]
    [InlineData("ä1", false)]
    public void NamesFollowDockersRule(string name, bool valid) => Assert.Equal(valid, ContainerNames.IsValid(name));

    [Fact]
    public void MadeUpNamesAreNames()
    {
        for (int i = 0; i < 200; i++)
        {
            string name = ContainerNames.MakeUp(i % 10);
            Assert.True(ContainerNames.IsValid(name), name);
            Assert.Contains('_', name);
            Assert.Equal(64, ContainerNames.NewId().Length);
        }
    }

    [Theory]
    [InlineData("KILL", 9)]
    [InlineData("SIGTERM", 15)]
    [InlineData("sighup", 1)]
    [InlineData("10", 10)]
    [InlineData("RTMIN+3", 37)]
    [InlineData("SIGRTMAX-1", 63)]
    public void SignalsAreFound(string text, int number) => Assert.Equal(number, Signals.Parse(text));

    [Theory]
    [InlineData("FOO")]
    [InlineData("0")]
    [InlineData("RTMIN+99")]
    [InlineData("")]
    public void UnknownSignalsAreRefused(string text) =>
        Assert.StartsWith("invalid signal: ", Assert.Throws<EngineException>(() => Signals.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void NumbersBeyondTheKernelsSignalsAreRefused() =>
        Assert.Equal("the linux daemon does not support signal 99", Assert.Throws<EngineException>(() => Signals.Parse("99")).Message);

    [Theory]
    [InlineData("10m", 10L << 20)]
    [InlineData("1k", 1024)]
    [InlineData("2GB", 2L << 30)]
    [InlineData("512", 512)]
    [InlineData("-1", -1)]
    public void LogSizesAreRead(string text, long bytes) => Assert.Equal(bytes, LogSizes.ParseSize(text));

    private static void AssertRefused(ContainerConfig config, string message) =>
        Assert.Equal(message, Assert.Throws<EngineException>(() => Check(config, new HostConfig())).Message);

    private static List<string> Check(ContainerConfig config, HostConfig host, MachineFacts? machine = null)
    {
        List<string> warnings = [];
        HostConfigDefaults.Apply(host, 2, s_options);
        ContainerValidator.Check(config, host, machine ?? s_machine, warnings);
        return warnings;
    }
}
