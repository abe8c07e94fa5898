using Tare.Linux.Netlink;

namespace Tare.UnitTests.Linux.Netlink;

/// <summary>The layout of netlink(7), on a little-endian machine.</summary>
public sealed class NetlinkMessageTests
{
    [Fact]
    public void AttributesArePaddedToFourBytes()
    {
        byte[] bytes = new NetlinkMessage(16, 0x600).Struct(new LinkMessage(0, 0, 7, 1, 1)).Attribute(3, "eth0").Attribute(4, 1500u).Finish(9).ToArray();
        Assert.Equal(
            "3400000010000506090000000000000000000000070000000100000001000000" + "090003006574683000000000" + "08000400DC050000",
            Convert.ToHexString(bytes));
    }

    [Fact]
    public void NestedAttributesCountWhatTheyHold()
    {
        byte[] bytes = new NetlinkMessage(16, 0).Nest(18, info => info.Attribute(1, "veth").Nest(2, data => data.Attribute(1, [1]))).Finish(1).ToArray();
        Assert.Equal("2C000000100005000100000000000000" + "1C001280" + "090001007665746800000000" + "0C000280" + "0500010001000000", Convert.ToHexString(bytes));
    }
}
