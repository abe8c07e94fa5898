using Tare.Runtime.Plan;

namespace Tare.UnitTests.Runtime;

public sealed class NetDeviceNamesTests
{
    [Theory]
    [InlineData("eth%d", "eth2")]
    [InlineData("net%d", "net0")]
    [InlineData("eth0", "eth0")]
    public void TemplatesTakeTheFirstFreeNumber(string name, string expected) => Assert.Equal(expected, NetDeviceNames.Resolve(name, ["lo", "eth0", "eth1"]));
}
