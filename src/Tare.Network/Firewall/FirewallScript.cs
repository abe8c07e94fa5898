using System.Globalization;
using System.Net;
using System.Text;
using Tare.Network.Ports;

namespace Tare.Network.Firewall;

/// <summary>Writes the commands (nft(8)) that make and change the table of a bridge.</summary>
internal static class FirewallScript
{
    /// <summary>Ports of one address of the host: (host address . protocol . port) to (container address . port).</summary>
    private const string AddressMap = "published";

    /// <summary>Ports of all addresses of the host: (protocol . port) to (container address . port).</summary>
    private const string WildcardMap = "published-any";

    /// <summary>Ports of containers that are published: container address . protocol . port. In tables of rules with direct routing only.</summary>
    private const string DirectSet = "direct";

    /// <summary>Replaces the table by one that does what the rules say, in one transaction: no packet meets a half-made table.</summary>
    public static string Replace(FirewallRules rules, IEnumerable<PublishedPort> ports)
    {
        StringBuilder script = new();
        script.Append(CultureInfo.InvariantCulture, $$"""
            add table inet {{rules.Table}}
            delete table inet {{rules.Table}}
            table inet {{rules.Table}} {
                map {{AddressMap}} {
                    type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
                }
                map {{WildcardMap}} {
                    type inet_proto . inet_service : ipv4_addr . inet_service
                }
                chain guard {
                    type filter hook prerouting priority raw; policy accept;
                    iifname "{{rules.Bridge}}" ip daddr 127.0.0.0/8 drop comment "containers do not reach the loopback of the host"
                }
                chain publish {
                    dnat ip to ip daddr . meta l4proto . th dport map @{{AddressMap}}
                    dnat ip to meta l4proto . th dport map @{{WildcardMap}}
                }
                chain incoming {
                    type nat hook prerouting priority dstnat; policy accept;
                    fib daddr type local jump publish
                }
                chain local {
                    type nat hook output priority -100; policy accept;
                    fib daddr type local jump publish
                }
                chain source {
                    type nat hook postrouting priority srcnat; policy accept;
                    {{(rules.Masquerade ? $"ip saddr {rules.Subnet} oifname != \"{rules.Bridge}\" masquerade" : "")}}
                    oifname "{{rules.Bridge}}" ct status dnat ip saddr { 127.0.0.0/8, {{rules.Subnet}} } masquerade comment "answers come back this way"
                }
            {{Forward(rules)}}}

            """);
        AppendElements(script, "add", rules, ports, withTarget: true);
        return script.ToString();
    }

    private static string Forward(FirewallRules rules) => !rules.Filter ? "" : $$"""
                {{(rules.DirectRouting ? $"set {DirectSet} {{ type ipv4_addr . inet_proto . inet_service; }}" : "")}}
                chain forward {
                    type filter hook forward priority filter; policy accept;
                    oifname "{{rules.Bridge}}" ct state established,related accept
                    oifname "{{rules.Bridge}}" ct status dnat accept
                    iifname "{{rules.Bridge}}" oifname "{{rules.Bridge}}" {{(rules.InterContainer ? "accept" : "drop")}}
                    {{(rules.DirectRouting ? $"oifname \"{rules.Bridge}\" ip daddr . meta l4proto . th dport @{DirectSet} accept" : "")}}
                    oifname "{{rules.Bridge}}" drop comment "from outside only published ports"
                }

        """;

    /// <summary>Publishes ports.</summary>
    public static string Add(FirewallRules rules, IEnumerable<PublishedPort> ports) => Elements("add", rules, ports, withTarget: true);

    /// <summary>Publishes ports no more.</summary>
    public static string Delete(FirewallRules rules, IEnumerable<PublishedPort> ports) => Elements("delete", rules, ports, withTarget: false);

    /// <summary>Removes the table, whether it is there or not.</summary>
    public static string Remove(FirewallRules rules) => $"add table inet {rules.Table}\ndelete table inet {rules.Table}\n";

    private static string Elements(string verb, FirewallRules rules, IEnumerable<PublishedPort> ports, bool withTarget)
    {
        StringBuilder script = new();
        AppendElements(script, verb, rules, ports, withTarget);
        return script.ToString();
    }

    private static void AppendElements(StringBuilder script, string verb, FirewallRules rules, IEnumerable<PublishedPort> ports, bool withTarget)
    {
        foreach (IGrouping<string, PublishedPort> map in ports.Where(port => !port.IsRelayed).GroupBy(port => port.HostAddress.Equals(IPAddress.Any) ? WildcardMap : AddressMap))
        {
            string elements = string.Join(", ", map.Select(port => Key(port, map.Key) + (withTarget ? Target(port) : "")));
            script.Append(CultureInfo.InvariantCulture, $"{verb} element inet {rules.Table} {map.Key} {{ {elements} }}\n");
        }

        AppendDirect(script, verb, rules, ports);
    }

    // A port of a container that several ports of the host lead to is one element: who withdraws one of them withdraws all (a container's ports come and go together).
    private static void AppendDirect(StringBuilder script, string verb, FirewallRules rules, IEnumerable<PublishedPort> ports)
    {
        if (!rules.DirectRouting || !rules.Filter)
        {
            return;
        }

        string elements = string.Join(", ", ports.Select(static port => string.Create(CultureInfo.InvariantCulture, $"{port.ContainerAddress} . {port.Protocol.Name()} . {port.ContainerPort}")).Distinct());
        if (elements.Length > 0)
        {
            script.Append(CultureInfo.InvariantCulture, $"{verb} element inet {rules.Table} {DirectSet} {{ {elements} }}\n");
        }
    }

    private static string Key(PublishedPort port, string map)
    {
        string key = string.Create(CultureInfo.InvariantCulture, $"{port.Protocol.Name()} . {port.HostPort}");
        return map == WildcardMap ? key : $"{port.HostAddress} . {key}";
    }

    private static string Target(PublishedPort port) => string.Create(CultureInfo.InvariantCulture, $" : {port.ContainerAddress} . {port.ContainerPort}");
}
