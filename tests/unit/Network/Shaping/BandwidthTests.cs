using System.Runtime.CompilerServices;
using Tare.Linux.Netlink;
using Tare.Network.Shaping;

namespace Tare.UnitTests.Network.Shaping;

public sealed class BandwidthTests
{
    [Theory]
    [InlineData("10mbit", 10_000_000)]
    [InlineData("1.5Gbit", 1_500_000_000)]
    [InlineData("500 kbit", 500_000)]
    [InlineData("2mbps", 16_000_000)]
    [InlineData("1mibit", 1_048_576)]
    [InlineData("8000", 8_000)]
    [InlineData("0", 0)]
    [InlineData("", 0)]
    [InlineData("unlimited", 0)]
    [InlineData("0mbit", 0)]
    public void RatesAreReadAsTcReadsThem(string text, long bits) => Assert.Equal(bits, Bandwidth.Parse(text));

    [Theory]
    [InlineData("fast")]
    [InlineData("-1mbit")]
    [InlineData("10mbit/s")]
    [InlineData("1kbit")]
    [InlineData("1e99gbit")]
    [InlineData("NaN")]
    public void OtherTextsAreRefused(string text) => Assert.Throws<FormatException>(() => Bandwidth.Parse(text));

    // linux/rtnetlink.h, linux/pkt_sched.h, linux/pkt_cls.h, linux/tc_act/tc_mirred.h.
    [Fact]
    public void StructsAreAsLongAsTheKernels()
    {
        Assert.Equal(20, Unsafe.SizeOf<TrafficMessage>());
        Assert.Equal(12, Unsafe.SizeOf<RateSpecification>());
        Assert.Equal(36, Unsafe.SizeOf<TokenBucketOptions>());
        Assert.Equal(32, Unsafe.SizeOf<EveryPacket>());
        Assert.Equal(28, Unsafe.SizeOf<Redirection>());
    }
}
