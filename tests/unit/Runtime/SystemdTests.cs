using Tare.Linux.Cgroups;
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

    [Theory]
    [InlineData("", "DevicePolicy=strict")]
    [InlineData("-a*:*rwm", "DevicePolicy=strict")]
    [InlineData("-a*:*rwm +c1:3rwm +b8:*r +c136:*rw", "DevicePolicy=strict /dev/char/1:3 rwm block-sd r block-virt r char-pts rw")]
    [InlineData("-a*:*rwm +c*:*m +a10:200rw -b10:200rw", "DevicePolicy=strict char-* m /dev/char/10:200 rw")]
    [InlineData("-a*:*rwm +c1:3rwm -c1:3wm", "DevicePolicy=strict /dev/char/1:3 r")]
    [InlineData("-a*:*rwm +c77:*r", "DevicePolicy=strict")]
    [InlineData("-a*:*rwm +a*:*rwm", "DevicePolicy=auto")]
    public void DeviceRulesBecomeAListOfWhatIsAllowed(string rules, string expected)
    {
        const string Devices = "Character devices:\n  1 mem\n136 pts\n\nBlock devices:\n  8 sd\n  8 virt\n136 other\n";
        List<CgroupDeviceRule> parsed = [new(false, 'a', null, null, "rwm"), .. rules.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
        List<SystemdProperty> properties = SystemdDevices.Of(parsed, Devices);
        List<string> words = [];
        foreach (SystemdProperty property in properties)
        {
            DBusWriter writer = new();
            property.Write(writer);
            DBusReader reader = new(writer.Written);
            if (property.Signature == "s")
            {
                words.Add($"{property.Name}={reader.String()}");
                continue;
            }

            uint length = reader.UInt32();
            reader.Align(8);
            int end = reader.Position + (int)length;
            while (reader.Position < end)
            {
                reader.Align(8);
                words.Add(reader.String());
                words.Add(reader.String());
            }
        }

        Assert.Equal(expected, string.Join(' ', words));
        Assert.Empty(SystemdDevices.Of(null, Devices));

        static CgroupDeviceRule Parse(string rule)
        {
            string[] numbers = rule[2..].TrimEnd('r', 'w', 'm').Split(':');
            return new CgroupDeviceRule(rule[0] == '+', rule[1], numbers[0] == "*" ? null : long.Parse(numbers[0]), numbers[1] == "*" ? null : long.Parse(numbers[1]), rule[(2 + numbers[0].Length + 1 + numbers[1].Length)..]);
        }
    }

    [Fact]
    public void AUsersScopeLiesBelowTheUsersManager()
    {
        SystemdUnit unit = SystemdUnit.Parse("", "c1", usual: "user.slice") with { Manager = "/user.slice/user-1000.slice/user@1000.service" };
        Assert.Equal("/user.slice/user-1000.slice/user@1000.service/user.slice/tare-c1.scope", unit.CgroupPath);
    }

    private static string Describe(SystemdProperty property)
    {
        DBusWriter writer = new();
        property.Write(writer);
        return $"{property.Name} {property.Signature} {Convert.ToHexStringLower(writer.Written)}";
    }
}
