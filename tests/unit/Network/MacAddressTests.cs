using System.Net;
using Tare.Network;

namespace Tare.UnitTests.Network;

public sealed class MacAddressTests
{
    [Fact]
    public void StandsForAnAddress()
    {
        MacAddress mac = MacAddress.For(IPAddress.Parse("172.17.0.2"));
        Assert.Equal("02:42:ac:11:00:02", mac.ToString());
        Assert.Equal([0x02, 0x42, 0xac, 0x11, 0x00, 0x02], mac.ToBytes());
    }

    [Theory]
    [InlineData("92:d0:c6:0a:29:33")]
    [InlineData("92-D0-C6-0A-29-33")]
    public void ReadsWhatUsersWrite(string text) => Assert.Equal("92:d0:c6:0a:29:33", MacAddress.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("92:d0:c6:0a:29")]
    [InlineData("92:d0:c6:0a:29:3")]
    [InlineData("92:d0:c6:0a:29:zz")]
    [InlineData("92:d0:c6:0a:29:33:44")]
    public void RefusesOthers(string text)
        => Assert.Equal($"address {text}: invalid MAC address", Assert.Throws<FormatException>(() => MacAddress.Parse(text)).Message);
}
