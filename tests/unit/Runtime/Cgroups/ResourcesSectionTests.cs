using Tare.Linux.Cgroups;
using Tare.Oci.Runtime;
using Tare.Runtime.Cgroups;

namespace Tare.UnitTests.Runtime.Cgroups;

public sealed class ResourcesSectionTests
{
    [Fact]
    public void ZeroMeansNotSet()
    {
        CgroupResources resources = ResourcesSection.ToResources(new LinuxResources
        {
            Memory = new LinuxMemory { Limit = 0, Swap = -1 },
            Cpu = new LinuxCpu { Shares = 0, Quota = -1 },
            BlockIo = new LinuxBlockIo { Weight = 0 },
            Pids = new LinuxPids { Limit = 0 },
        });
        Assert.Null(resources.MemoryLimitBytes);
        Assert.Equal(-1, resources.MemorySwapBytes);
        Assert.Null(resources.CpuShares);
        Assert.Equal(-1, resources.CpuQuotaMicroseconds);
        Assert.Null(resources.BlockWeight);
        Assert.Equal(0, resources.PidsLimit);
        Assert.Null(resources.Devices);
    }

    [Fact]
    public void DeviceEntriesWithoutDetailsSpeakOfAll()
    {
        CgroupResources resources = ResourcesSection.ToResources(new LinuxResources
        {
            Devices = [new LinuxDeviceRule { Allow = false }, new LinuxDeviceRule { Allow = true, Type = "c", Major = 1, Minor = -1, Access = "r" }],
        });
        Assert.True(resources.Devices![0].IsEverything);
        Assert.Equal(new CgroupDeviceRule(true, 'c', 1, null, "r"), resources.Devices[1]);
    }

    [Theory]
    [InlineData("x", "rwm")]
    [InlineData("c", "rwx")]
    public void WrongDeviceEntriesAreRefused(string type, string access) => Assert.Throws<ArgumentException>(
        () => ResourcesSection.ToResources(new LinuxResources { Devices = [new LinuxDeviceRule { Type = type, Access = access }] }));
}
