using Tare.Linux.DBus;
using Tare.Oci.Runtime;
using Tare.Runtime.Cgroups;
using Tare.Runtime.Containers;

namespace Tare.UnitTests.Runtime;

public sealed class SystemdTests
{
    [Theory]
    [InlineData("machine.slice:libpod:abc", "machine.slice", "libpod-abc.scope", "/machine.slice/libpod-abc.scope")]
    [InlineData("kubepods-burstable-pod1.slice:cri:x", "kubepods-burstable-pod1.slice", "cri-x.scope", "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-x.scope")]
    [InlineData("::x", "system.slice", "x.scope", "/system.slice/x.scope")]
    [InlineData("-.slice:a:b", "-.slice", "a-b.scope", "/a-b.scope")]
    [InlineData("", "system.slice", "tare-c1.scope", "/system.slice/tare-c1.scope")]
    public void APathNamesASliceAndAScope(string path, string slice, string name, string cgroup)
    {
        SystemdUnit unit = SystemdUnit.Parse(path, "c1");
        Assert.Equal((slice, name, cgroup), (unit.Slice, unit.Name, unit.CgroupPath));
    }

    [Theory]
    [InlineData("/a/b")]
    [InlineData("a:b")]
    [InlineData("user:a:b")]
    [InlineData("a--b.slice:a:b")]
    [InlineData("../x.slice:a:b")]
    [InlineData("a.slice:b:../c")]
    [InlineData("a.slice:b:c.slice")]
    public void AnotherPathIsRefused(string path) => Assert.Throws<RuntimeException>(() => SystemdUnit.Parse(path, "c1"));

    [Fact]
    public void LimitsBecomeProperties()
    {
        LinuxResources resources = new()
        {
            Memory = new LinuxMemory { Limit = 1000, Reservation = 500, Swap = 1500 },
            Cpu = new LinuxCpu { Shares = 1024, Quota = 50_001, Period = 100_000, Cpus = "0,9" },
            Pids = new LinuxPids { Limit = -1 },
        };
        Assert.Equal(
            ["MemoryMax t e803000000000000", "MemoryLow t f401000000000000", "MemorySwapMax t f401000000000000", "CPUWeight t 6400000000000000", "CPUQuotaPeriodUSec t a086010000000000",
                "CPUQuotaPerSecUSec t 30c8070000000000", "AllowedCPUs ay 020000000102", "TasksMax t ffffffffffffffff"],
            SystemdProperties.Of(resources, unified: true).Select(Describe));
        Assert.Equal(["MemoryLimit", "CPUShares", "CPUQuotaPeriodUSec", "CPUQuotaPerSecUSec", "TasksMax"], SystemdProperties.Of(resources, unified: false).Select(property => property.Name));
    }

    [Theory]
    [InlineData("CollectMode", "'inactive-or-failed'", "CollectMode s 12000000696e6163746976652d6f722d6661696c656400")]
    [InlineData("SendSIGHUP", "true", "SendSIGHUP b 01000000")]
    [InlineData("TimeoutStopUSec", "uint64 123", "TimeoutStopUSec t 7b00000000000000")]
    [InlineData("TimeoutStopSec", "1.5", "TimeoutStopUSec t 60e3160000000000")]
    [InlineData("OOMScoreAdjust", "-5", "OOMScoreAdjust i fbffffff")]
    [InlineData("After", "['a.service', 'b']", "After as 160000000900000061 2e73657276696365 0000000100000062 00")]
    public void AnnotationsBecomeProperties(string name, string value, string expected)
        => Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal),
            Describe(SystemdAnnotations.Of(new Dictionary<string, string> { ["org.systemd.property." + name] = value, ["other"] = "x" }).Single()).Replace(" ", "", StringComparison.Ordinal));

    [Theory]
    [InlineData("After", "plain")]
    [InlineData("A.b", "true")]
    [InlineData("TimeoutStopSec", "soon")]
    [InlineData("X", "uint64 -1")]
    public void OtherAnnotationsAreRefused(string name, string value)
        => Assert.Throws<RuntimeException>(() => SystemdAnnotations.Of(new Dictionary<string, string> { ["org.systemd.property." + name] = value }).ToList());

    private static string Describe(SystemdProperty property)
    {
        DBusWriter writer = new();
        property.Write(writer);
        return $"{property.Name} {property.Signature} {Convert.ToHexStringLower(writer.Written)}";
    }
}
