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

    /// <summary>Whether containers reach the outside by address translation. Default true.</summary>
    public bool Masquerade { get; init; } = true;
}
