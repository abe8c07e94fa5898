using System.Net;
using System.Net.Sockets;

namespace Tare.Network.Ports;

/// <summary>A container's port that the host offers.</summary>
/// <param name="Protocol">Protocol.</param>
/// <param name="HostAddress">Address of the host; 0.0.0.0 or :: for all of the family.</param>
/// <param name="HostPort">Port of the host.</param>
/// <param name="ContainerAddress">The container's IPv4 address.</param>
/// <param name="ContainerPort">Port in the container.</param>
public sealed record PublishedPort(PortProtocol Protocol, IPAddress HostAddress, int HostPort, IPAddress ContainerAddress, int ContainerPort)
{
    /// <summary>Whether the daemon carries the bytes itself: the kernel translates no IPv6 address into an IPv4 one.</summary>
    internal bool IsRelayed => HostAddress.AddressFamily == AddressFamily.InterNetworkV6;
}
