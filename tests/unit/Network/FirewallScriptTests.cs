using System.Net;
using Tare.Network;
using Tare.Network.Firewall;
using Tare.Network.Ports;

namespace Tare.UnitTests.Network;

public sealed class FirewallScriptTests
{
    private static readonly IPAddress s_container = IPAddress.Parse("172.17.0.2");

    private static readonly PublishedPort[] s_ports =
    [
        new(PortProtocol.Tcp, IPAddress.Any, 8080, s_container, 80),
        new(PortProtocol.Udp, IPAddress.Any, 53, s_container, 5353),
        new(PortProtocol.Tcp, IPAddress.Parse("127.0.0.1"), 9000, s_container, 90),
    ];

    [Theory]
    [InlineData("tare0", "tare")]
    [InlineData("br-x", "tare-br-x")]
    public void EachBridgeHasItsOwnTable(string bridge, string table) => Assert.Equal(table, FirewallRules.Of(Options(bridge)).Table);

    [Fact]
    public void TheTableIsReplacedInOneTransaction()
    {
        string script = FirewallScript.Replace(FirewallRules.Of(Options("tare0")), []);
        Assert.StartsWith("add table inet tare\ndelete table inet tare\ntable inet tare {\n", script, StringComparison.Ordinal);
        Assert.Contains("ip saddr 172.17.0.0/16 oifname != \"tare0\" masquerade", script, StringComparison.Ordinal);
        Assert.Contains("iifname \"tare0\" oifname \"tare0\" accept", script, StringComparison.Ordinal);
        Assert.DoesNotContain("add element", script, StringComparison.Ordinal);
    }

    [Fact]
    public void MasqueradeAndTrafficBetweenContainersCanBeOff()
    {
        string script = FirewallScript.Replace(FirewallRules.Of(Options("tare0") with { Masquerade = false, InterContainer = false }), []);
        Assert.DoesNotContain("oifname != \"tare0\" masquerade", script, StringComparison.Ordinal);
        Assert.Contains("iifname \"tare0\" oifname \"tare0\" drop", script, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutFilterPortsAreLedAndNothingElse()
    {
        string script = FirewallScript.Replace(FirewallRules.Of(Options("tare0") with { Filter = false, Masquerade = false }), s_ports);
        Assert.DoesNotContain("chain forward", script, StringComparison.Ordinal);
        Assert.Contains("dnat ip to", script, StringComparison.Ordinal);
        Assert.Contains("chain guard", script, StringComparison.Ordinal);
    }

    [Fact]
    public void DirectRoutingLetsPublishedPortsIn()
    {
        FirewallRules rules = FirewallRules.Of(Options("tare0") with { DirectRouting = true });
        Assert.Contains("oifname \"tare0\" ip daddr . meta l4proto . th dport @direct accept", FirewallScript.Replace(rules, []), StringComparison.Ordinal);
        PublishedPort[] twice = [.. s_ports, new(PortProtocol.Tcp, IPAddress.Parse("127.0.0.2"), 8080, s_container, 80)];
        Assert.EndsWith("add element inet tare direct { 172.17.0.2 . tcp . 80, 172.17.0.2 . udp . 5353, 172.17.0.2 . tcp . 90 }\n", FirewallScript.Add(rules, twice), StringComparison.Ordinal);
    }

    [Fact]
    public void PortsAreElementsOfMaps()
    {
        FirewallRules rules = FirewallRules.Of(Options("tare0"));
        Assert.Equal(
            "add element inet tare published-any { tcp . 8080 : 172.17.0.2 . 80, udp . 53 : 172.17.0.2 . 5353 }\n"
                + "add element inet tare published { 127.0.0.1 . tcp . 9000 : 172.17.0.2 . 90 }\n",
            FirewallScript.Add(rules, s_ports));
        Assert.Equal(
            "delete element inet tare published-any { tcp . 8080, udp . 53 }\ndelete element inet tare published { 127.0.0.1 . tcp . 9000 }\n",
            FirewallScript.Delete(rules, s_ports));
        Assert.EndsWith(FirewallScript.Add(rules, s_ports), FirewallScript.Replace(rules, s_ports), StringComparison.Ordinal);
    }

    [Fact]
    public void OwnRulesAreFoundInForeignChains()
    {
        const string Listing = """
            table ip filter { # handle 3
            	chain DOCKER-USER { # handle 9
            		iifname "tare0" counter packets 0 bytes 0 accept comment "tare tare0" # handle 12
            		oifname "tare0" counter packets 7 bytes 90 accept comment "tare tare0" # handle 13
            		iifname "tare01" counter packets 0 bytes 0 accept comment "tare tare01" # handle 14
            		counter packets 0 bytes 0 accept # handle 15
            	}
            }
            """;
        Assert.Equal([12, 13], new ForeignForwarding("tare0").Handles(Listing));
    }

    [Fact]
    public void PortsOfIPv6AddressesAreNotTheFirewalls() => Assert.Empty(
        FirewallScript.Add(FirewallRules.Of(Options("tare0")), [new PublishedPort(PortProtocol.Tcp, IPAddress.IPv6Any, 8080, s_container, 80)]));

    private static BridgeOptions Options(string name) => new() { Name = name, Gateway = IPAddress.Parse("172.17.0.1"), PrefixLength = 16 };
}
