using System.Net;

namespace Tare.Network;

/// <summary>How a bridge is made.</summary>
public sealed record BridgeOptions
{
    /// <summary>Its name: <c>tare0</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its address: the gateway of its containers.</summary>
    public required IPAddress Gateway { get; init; }

    /// <summary>Bits of its network.</summary>
    public required int PrefixLength { get; init; }

    /// <summary>MTU of its containers' interfaces. Default 1500.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Whether containers of the bridge reach each other. Default true.</summary>
    public bool InterContainer { get; init; } = true;

    /// <summary>Whether packets between bridge and outside are filtered. Default true; without it, neither is there any address translation.</summary>
    public bool Filter { get; init; } = true;

    /// <summary>Whether published ports can be reached at the containers' own addresses from outside. Default false.</summary>
    public bool DirectRouting { get; init; }

    /// <summary>Whether the machine is told to forward packets. Default true.</summary>
    public bool Forwarding { get; init; } = true;

    /// <summary>Where containers send what is not for the bridge's network; null for <see cref="Gateway"/>.</summary>
    public IPAddress? DefaultGateway { get; init; }

    /// <summary>Whether containers reach the outside by address translation. Default true.</summary>
    public bool Masquerade { get; init; } = true;
}
