using System.Net;
using Tare.Linux.Netlink;

namespace Tare.UnitTests.Linux.Netlink;

public sealed class ConnectionTrackingTests
{
    // Written by hand after linux/netfilter/nfnetlink_conntrack.h: a datagram from 192.168.77.2:5555 to 192.168.77.1:8090: addresses and protocol, each with its attributes nested.
    private static readonly byte[] s_tuple =
    [
        20, 0, 1, 0x80, 8, 0, 1, 0, 192, 168, 77, 2, 8, 0, 2, 0, 192, 168, 77, 1,
        28, 0, 2, 0x80, 5, 0, 1, 0, 17, 0, 0, 0, 6, 0, 2, 0, 0x15, 0xB3, 0, 0, 6, 0, 3, 0, 0x1F, 0x9A, 0, 0,
    ];

    [Fact]
    public void TheFirstPacketsDestinationIsRead() =>
        Assert.Equal(new TrackedFlow(17, IPAddress.Parse("192.168.77.1"), 8090), ConnectionTracking.Read(s_tuple));

    [Fact]
    public void WhatIsCutOffIsNoFlow()
    {
        for (int length = 0; length < 29; length++)
        {
            Assert.Null(ConnectionTracking.Read(s_tuple.AsSpan(0, length)));
        }
    }
}
