using System.Net;

namespace Tare.Linux.Netlink;

/// <summary>A flow that the kernel tracks, as its first packet had it before any translation.</summary>
/// <param name="Protocol">Number of the protocol: 6 for TCP, 17 for UDP.</param>
/// <param name="Destination">The IPv4 address that it was sent to.</param>
/// <param name="DestinationPort">The port that it was sent to; 0 for a protocol without ports.</param>
public readonly record struct TrackedFlow(byte Protocol, IPAddress Destination, int DestinationPort);
