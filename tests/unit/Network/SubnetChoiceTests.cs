using System.Net;
using Tare.Network;

namespace Tare.UnitTests.Network;

public sealed class SubnetChoiceTests
{
    // Written by hand after proc_pid_net(5): a default route, the network 172.17.0.0/16 behind a router, and the bridge's own.
    private static readonly string[] s_routes =
    [
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
        "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
        "eth0\t000011AC\t010200C0\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0",
        "tare0\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0",
    ];

    [Fact]
    public void RoutesCountButNotTheDefaultAndNotTheBridgesOwn() =>
        Assert.Equal([IPNetwork.Parse("172.17.0.0/16")], SubnetChoice.Routes(s_routes, "tare0"));

    [Fact]
    public void TheFirstPoolThatOverlapsNothingIsChosen()
    {
        Assert.Equal("172.17.0.1/16", SubnetChoice.Choose([]));
        Assert.Equal("172.20.0.1/16", SubnetChoice.Choose([IPNetwork.Parse("172.17.4.0/24"), IPNetwork.Parse("172.18.0.0/15")]));
        Assert.Equal("192.168.16.1/20", SubnetChoice.Choose([IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.1.0/24")]));
        Assert.Throws<NetworkException>(() => SubnetChoice.Choose([IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16")]));
    }
}
