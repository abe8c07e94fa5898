using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Lifecycle;
using Tare.Engine.Networks;

namespace Tare.UnitTests.Engine.Networks;

public sealed class EndpointPlanTests
{
    public static TheoryData<string, EndpointSettings> Refused => new()
    {
        {
            "invalid config for network bridge: invalid endpoint settings:\n"
            + "* user specified IP address is supported on user defined networks only\n"
            + "* user specified IP address is supported only when connecting to networks with user configured subnets",
            new EndpointSettings { IPAMConfig = new EndpointIpamConfig { IPv4Address = "172.17.0.9" } }
        },
        {
            "invalid config for network bridge: invalid endpoint settings:\nnetwork-scoped alias is supported only for containers in user defined networks",
            new EndpointSettings { Aliases = ["x"] }
        },
        { "invalid config for network bridge: invalid MAC address zz", new EndpointSettings { MacAddress = "zz" } },
        { "link-local addresses are not supported on network bridge: 169.254.1.1", new EndpointSettings { IPAMConfig = new EndpointIpamConfig { LinkLocalIPs = ["169.254.1.1"] } } },
        { "options of the network driver are not supported on network bridge: a", new EndpointSettings { DriverOpts = new() { ["a"] = "b" } } },
        { "could not get container for ghost: No such container: ghost", new EndpointSettings { Links = ["ghost:db"] } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void WhatTheDefaultNetworkCannotDoIsRefused(string message, EndpointSettings settings)
    {
        // Docker's client names the default network so.
        NetworkingConfig networking = new() { EndpointsConfig = new() { ["default"] = settings } };
        Assert.Equal(message, Assert.Throws<EngineException>(() => Make(new HostConfig { NetworkMode = "bridge" }, networking)).Message);
    }

    [Fact]
    public void TheMacAddressOfAContainerIsThatOfItsMainEndpoint()
    {
        ContainerConfig config = new() { MacAddress = "02:42:ac:11:00:99" };
        Assert.Equal(config.MacAddress, new EndpointPlan("/data").Make(config, new HostConfig { NetworkMode = "bridge" }, null, new ContainerTable())["bridge"].MacAddress);
        NetworkingConfig other = new() { EndpointsConfig = new() { ["bridge"] = new EndpointSettings { MacAddress = "02:42:ac:11:00:98" } } };
        Assert.Equal(
            "the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty",
            Assert.Throws<EngineException>(() => new EndpointPlan("/data").Make(config, new HostConfig { NetworkMode = "bridge" }, other, new ContainerTable())).Message);
    }

    [Fact]
    public void AnUnknownNetworkFailsAtTheStart()
    {
        Dictionary<string, EndpointSettings> endpoints = Make(new HostConfig { NetworkMode = "mine" });
        EngineException error = Assert.Throws<EngineException>(() => EndpointPlan.RequireNetworks(endpoints, "mine"));
        Assert.Equal((ErrorClass.NotFound, "failed to set up container networking: network mine not found"), (error.Class, error.Message));
    }

    [Fact]
    public void ASecondPredefinedNetworkFailsAtTheStart()
    {
        Dictionary<string, EndpointSettings> endpoints =
            Make(new HostConfig { NetworkMode = "bridge" }, new NetworkingConfig { EndpointsConfig = new() { ["bridge"] = null, ["host"] = null } });
        Assert.Equal(
            "failed to set up container networking: cannot connect container to host network - container must be created in host network mode",
            Assert.Throws<EngineException>(() => EndpointPlan.RequireNetworks(endpoints, "bridge")).Message);
    }

    [Fact]
    public void TheDefaultNetworkHasAnEndpoint()
    {
        EndpointSettings endpoint = Assert.Single(Make(new HostConfig { NetworkMode = "bridge" }, new NetworkingConfig { EndpointsConfig = new() { ["default"] = null } })).Value;
        Assert.Equal(NetworkIds.Of("/data", "bridge"), endpoint.NetworkID);
        Assert.Empty(Make(new HostConfig { NetworkMode = "container:other" }));
    }

    private static Dictionary<string, EndpointSettings> Make(HostConfig host, NetworkingConfig? networking = null) =>
        new EndpointPlan("/data").Make(new ContainerConfig(), host, networking, new ContainerTable());
}
