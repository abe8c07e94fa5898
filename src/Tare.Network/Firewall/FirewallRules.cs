using System.Buffers.Binary;
using System.Net;

namespace Tare.Network.Firewall;

/// <summary>What the firewall of a bridge shall do.</summary>
internal sealed record FirewallRules
{
    private const string DefaultBridge = "tare0";

    /// <summary>Name of the bridge.</summary>
    public required string Bridge { get; init; }

    /// <summary>The bridge's subnet.</summary>
    public required IPNetwork Subnet { get; init; }

    /// <summary>Hide the containers' addresses behind the host's.</summary>
    public bool Masquerade { get; init; } = true;

    /// <summary>Keep what is not meant for containers from them. Without it the table leads published ports to containers and does nothing else.</summary>
    public bool Filter { get; init; } = true;

    /// <summary>Let others reach published ports at the containers' own addresses.</summary>
    public bool DirectRouting { get; init; }

    /// <summary>Let containers of the bridge speak with each other.</summary>
    public bool InterContainer { get; init; } = true;

    /// <summary>The table of the bridge in the family inet: <c>tare</c> for the default bridge, <c>tare-BRIDGE</c> for others, so that several daemons
    /// keep out of each other's way.</summary>
    public string Table => Bridge == DefaultBridge ? "tare" : "tare-" + Bridge;

    /// <summary>The rules of a bridge.</summary>
    public static FirewallRules Of(BridgeOptions options)
    {
        uint mask = options.PrefixLength == 0 ? 0 : uint.MaxValue << (32 - options.PrefixLength);
        byte[] network = options.Gateway.GetAddressBytes();
        BinaryPrimitives.WriteUInt32BigEndian(network, BinaryPrimitives.ReadUInt32BigEndian(network) & mask);
        return new FirewallRules
        {
            Bridge = options.Name,
            Subnet = new IPNetwork(new IPAddress(network), options.PrefixLength),
            Masquerade = options.Masquerade,
            Filter = options.Filter,
            DirectRouting = options.DirectRouting,
            InterContainer = options.InterContainer,
        };
    }
}
