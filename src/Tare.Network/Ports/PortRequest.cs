using System.Net;

namespace Tare.Network.Ports;

/// <summary>A container's port that the host shall offer.</summary>
/// <param name="Protocol">Protocol.</param>
/// <param name="ContainerPort">Port in the container, 1 to 65535.</param>
/// <param name="HostAddress">Address of the host; 0.0.0.0 for all.</param>
/// <param name="FirstHostPort">First port of the host that will do; 0 for any of the ephemeral ones (ip_local_port_range).</param>
/// <param name="LastHostPort">Last port that will do.</param>
public sealed record PortRequest(PortProtocol Protocol, int ContainerPort, IPAddress HostAddress, int FirstHostPort, int LastHostPort);
