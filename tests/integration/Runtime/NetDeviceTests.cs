using System.Text.Json.Nodes;

namespace Tare.IntegrationTests.Runtime;

/// <summary>Interfaces of the host that move into a container: ends of veth pairs.</summary>
public sealed class NetDeviceTests : IDisposable
{
    private readonly MachineState _before;
    private readonly Bundle _bundle;

    public NetDeviceTests()
    {
        _before = MachineState.Take("tare-it-");
        _bundle = new Bundle();
        Ip("link", "add", "tareitb0", "type", "veth", "peer", "name", "tareita0");
        Ip("address", "add", "10.77.1.2/24", "dev", "tareita0");
        Ip("address", "add", "fd77::2/64", "nodad", "dev", "tareita0");
    }

    public void Dispose()
    {
        Command.Run("/usr/sbin/ip", ["link", "delete", "tareitb0"]);
        _bundle.Dispose();
        _before.AssertNothingNew();
    }

    [Theory]
    [InlineData(null, "tareita0")]
    [InlineData("eth7", "eth7")]
    [InlineData("net%d", "net0")]
    public void ADeviceMovesWithItsAddresses(string? name, string inside)
    {
        Add("tareita0", name);
        string text = _bundle.Sh("ip address; cat /sys/class/net/*/operstate").Run().Ok().Stdout;
        Assert.Contains($"{inside}@", text, StringComparison.Ordinal);
        Assert.Contains("inet 10.77.1.2/24", text, StringComparison.Ordinal);
        Assert.Contains("inet6 fd77::2/64", text, StringComparison.Ordinal);
        Assert.Matches($"{inside}@.*[<,]UP[,>]", text);
    }

    [Theory]
    [InlineData("tareita0", "lo", "an interface \\\"lo\\\" exists in the container")]
    [InlineData("tareitnone", "eth0", "linux.netDevices \\\"tareitnone\\\": there is no such interface")]
    [InlineData("tareita0", "a/b", "\\\"a/b\\\" is no name of an interface")]
    [InlineData("tareita0", "a-name-too-long-for-linux", "is no name of an interface")]
    public void WhatCannotMoveIsNamed(string outside, string inside, string message)
    {
        CommandResult result = Add(outside, inside).Run();
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(message, result.Stderr, StringComparison.Ordinal);
        Ip("link", "show", "tareita0");
    }

    [Fact]
    public void ADeviceNeedsANamespaceOfTheContainersOwn()
    {
        Add("tareita0", null).Edit(config =>
        {
            JsonArray namespaces = config["linux"]!["namespaces"]!.AsArray();
            namespaces.Remove(namespaces.Single(entry => (string?)entry!["type"] == "network"));
        });
        Assert.Contains("linux.netDevices needs a network namespace", _bundle.Run().Stderr, StringComparison.Ordinal);
    }

    private static void Ip(params string[] arguments) => Command.Run("/usr/sbin/ip", arguments).Ok();

    private Bundle Add(string outside, string? inside) => _bundle.Edit(config => config["linux"]!["netDevices"] = new JsonObject
    {
        [outside] = inside is null ? new JsonObject() : new JsonObject { ["name"] = inside },
    });
}
