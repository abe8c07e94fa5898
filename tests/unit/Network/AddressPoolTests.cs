using System.Net;
using Tare.Network;

namespace Tare.UnitTests.Network;

public sealed class AddressPoolTests
{
    [Fact]
    public void GivesOutTheLowestFreeAddress()
    {
        AddressPool pool = new(IPAddress.Parse("172.17.0.1"), 16);
        Assert.Equal("172.17.0.2", pool.Allocate().ToString());
        IPAddress second = pool.Allocate();
        Assert.Equal("172.17.0.4", pool.Allocate().ToString());
        pool.Release(second);
        Assert.Equal("172.17.0.3", pool.Allocate().ToString());
        Assert.Equal("172.17.0.0/16", pool.Subnet);
    }

    [Fact]
    public void GatewayNetworkAndBroadcastAreNobodys()
    {
        AddressPool pool = new(IPAddress.Parse("10.0.0.3"), 29);
        pool.Release(IPAddress.Parse("10.0.0.3"));
        string[] all = [.. Enumerable.Range(0, 5).Select(_ => pool.Allocate().ToString())];
        Assert.Equal(["10.0.0.1", "10.0.0.2", "10.0.0.4", "10.0.0.5", "10.0.0.6"], all);
        NetworkException failure = Assert.Throws<NetworkException>(() => pool.Allocate());
        Assert.Equal("no available IPv4 addresses on this network's address pools: 10.0.0.0/29", failure.Message);
    }

    [Theory]
    [InlineData("10.0.0.7", false)]
    [InlineData("10.0.0.0", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("10.0.1.2", false)]
    [InlineData("10.0.0.2", true)]
    public void ReservesOnlyWhatIsFreeAndItsOwn(string address, bool expected)
        => Assert.Equal(expected, new AddressPool(IPAddress.Parse("10.0.0.1"), 29).TryReserve(IPAddress.Parse(address)));

    [Theory]
    [InlineData(31)]
    [InlineData(0)]
    public void RefusesSubnetsWithoutRoom(int prefix) => Assert.Throws<ArgumentException>(() => new AddressPool(IPAddress.Parse("10.0.0.1"), prefix));

    [Fact]
    public void ARangeLimitsWhatIsGivenOut()
    {
        AddressPool pool = new(IPAddress.Parse("10.0.0.1"), 24, IPNetwork.Parse("10.0.0.252/30"));
        Assert.Equal(["10.0.0.252", "10.0.0.253", "10.0.0.254"], Enumerable.Range(0, 3).Select(_ => pool.Allocate().ToString()));
        Assert.Throws<NetworkException>(() => pool.Allocate());
        Assert.True(pool.TryReserve(IPAddress.Parse("10.0.0.9")));
        Assert.Equal("10.0.0.252/30", pool.Range);
        Assert.Contains("not in the bridge's subnet 10.0.0.0/24", Assert.Throws<ArgumentException>(() => new AddressPool(IPAddress.Parse("10.0.0.1"), 24, IPNetwork.Parse("10.0.1.0/26"))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new AddressPool(IPAddress.Parse("10.0.0.1"), 24, IPNetwork.Parse("10.0.0.0/16")));
    }
}
