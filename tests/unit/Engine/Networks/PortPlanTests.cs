using System.Net;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Filtering;
using Tare.Engine.Networks;
using Tare.Network.Ports;

namespace Tare.UnitTests.Engine.Networks;

public sealed class PortPlanTests
{
    [Fact]
    public void APortWithoutAddressIsOfferedOnBothFamilies()
    {
        PortRequest request = Assert.Single(Requests(Exposing("80/tcp"), Publishing("80/tcp", ("", "8080")), hostHasIPv6: true));
        Assert.Equal((PortProtocol.Tcp, 80, 8080, 8080), (request.Protocol, request.ContainerPort, request.FirstHostPort, request.LastHostPort));
        Assert.Equal([IPAddress.Any, IPAddress.IPv6Any], request.HostAddresses);
        Assert.Equal([IPAddress.Any], Assert.Single(Requests(Exposing("80/tcp"), Publishing("80/tcp", ("", "8080")))).HostAddresses);
    }

    [Theory]
    [InlineData("127.0.0.1", "", 0, 0)]
    [InlineData("::1", "0", 0, 0)]
    [InlineData("10.0.0.1", "8000-8010", 8000, 8010)]
    public void AddressesAndRangesAreRead(string address, string port, int first, int last)
    {
        PortRequest request = Assert.Single(Requests(Exposing("53/udp"), Publishing("53/udp", (address, port)), hostHasIPv6: true));
        Assert.Equal(PortProtocol.Udp, request.Protocol);
        Assert.Equal([IPAddress.Parse(address)], request.HostAddresses);
        Assert.Equal((first, last), (request.FirstHostPort, request.LastHostPort));
    }

    [Fact]
    public void AllExposedPortsArePublishedAfterThoseThatNameAPort()
    {
        HostConfig host = Publishing("443/tcp", ("", "8443"));
        host.PublishAllPorts = true;
        Assert.Equal([(443, 8443), (53, 0), (80, 0)], Requests(Exposing("80/tcp", "443/tcp", "53/udp"), host).Select(r => (r.ContainerPort, r.FirstHostPort)));
    }

    [Fact]
    public void WhatIsNotExposedIsNotPublished()
    {
        // As in dockerd: its client exposes what it publishes.
        Assert.Empty(Requests(new ContainerConfig(), Publishing("80/tcp", ("", "8080"))));
        Assert.Empty(Requests(Exposing("80/tcp"), new HostConfig()));
        Assert.Single(Requests(Exposing("80"), Publishing("80", ("", "8080"))));
    }

    [Fact]
    public void PortsInForceAreSortedAsDockersJsonIs()
    {
        SortedDictionary<string, List<PortBinding>?> ports = PortPlan.InForce(
            Exposing("80/tcp", "443/udp", "9/tcp"), [new PortRecord("tcp", "0.0.0.0", 8080, 80), new PortRecord("tcp", "::", 8080, 80)]);
        Assert.Equal(["443/udp", "80/tcp", "9/tcp"], ports.Keys);
        Assert.Null(ports["443/udp"]);
        Assert.Equal([("0.0.0.0", "8080"), ("::", "8080")], ports["80/tcp"]!.Select(b => (b.HostIp, b.HostPort)));
    }

    [Theory]
    [InlineData("80/tcp", "", "x", "invalid port specification: \"x\"")]
    [InlineData("x/tcp", "", "80", "invalid port specification: \"x\"")]
    [InlineData("80/tcp", "", "70000", "invalid port specification: \"70000\"")]
    [InlineData("80/tcp", "", "9-8", "invalid port specification: \"9-8\"")]
    [InlineData("80-82/tcp", "", "80", "invalid port specification: \"80-82\"")]
    [InlineData("80/tcp", "nowhere", "80", "invalid host address of port 80/tcp: \"nowhere\"")]
    public void WrongPortsAreRefused(string port, string address, string hostPort, string message)
    {
        EngineException error = Assert.Throws<EngineException>(() => PortPlan.Check(Publishing(port, (address, hostPort))));
        Assert.Equal((ErrorClass.InvalidArgument, message), (error.Class, error.Message));
    }

    [Theory]
    [InlineData("80", true, false)]
    [InlineData("8080", false, true)]
    [InlineData("8000-8100/tcp", false, true)]
    [InlineData("8080/udp", false, false)]
    [InlineData("53/udp", true, false)]
    public void FiltersLookAtPortsInForce(string filter, bool exposed, bool published)
    {
        SortedDictionary<string, List<PortBinding>?> ports = PortPlan.InForce(Exposing("80/tcp", "53/udp"), [new PortRecord("tcp", "0.0.0.0", 8080, 80)]);
        Assert.Equal(exposed, PortFilter.Parse("expose", filter).MatchesExposed(ports));
        Assert.Equal(published, PortFilter.Parse("publish", filter).MatchesPublished(ports));
    }

    [Fact]
    public void AFilterThatIsNoPortIsRefused() => Assert.Equal(
        "error while looking up for publish x: strconv.ParseUint: parsing \"x\": invalid syntax",
        Assert.Throws<EngineException>(() => PortFilter.Parse("publish", "x")).Message);

    private static List<PortRequest> Requests(ContainerConfig config, HostConfig host, bool hostHasIPv6 = false) => PortPlan.Requests(config, host, hostHasIPv6);

    private static ContainerConfig Exposing(params string[] ports) => new() { ExposedPorts = ports.ToDictionary(p => p, _ => EmptyDocument.Instance) };

    private static HostConfig Publishing(string port, params (string Address, string Port)[] bindings) =>
        new() { PortBindings = new() { [port] = [.. bindings.Select(b => new PortBinding { HostIp = b.Address, HostPort = b.Port })] } };
}
