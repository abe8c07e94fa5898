namespace Tare.Engine.Networks;

/// <summary>What a running container holds on the default bridge. It is written beside the container's bundle before the container may run, and goes with it: whatever
/// happens to the daemon, the next one knows the addresses and ports of everything that runs.</summary>
internal sealed record NetworkRecord
{
    /// <summary>Its IPv4 address.</summary>
    public required string IPAddress { get; init; }

    /// <summary>Its MAC address; empty before it is connected.</summary>
    public string MacAddress { get; init; } = "";

    /// <summary>Name of the host's end of its pair of interfaces; empty before it is connected.</summary>
    public string HostInterface { get; init; } = "";

    /// <summary>Its published ports, in the order in which they are told.</summary>
    public IReadOnlyList<PortRecord> Ports { get; init; } = [];
}
