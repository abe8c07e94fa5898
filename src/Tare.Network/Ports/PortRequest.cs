using System.Net;

namespace Tare.Network.Ports;

/// <summary>A container's port that the host shall offer.</summary>
/// <param name="Protocol">Protocol.</param>
/// <param name="ContainerPort">Port in the container, 1 to 65535.</param>
/// <param name="HostAddresses">Addresses of the host, which all get the same port; 0.0.0.0 and :: for all of a family. At least one.</param>
/// <param name="FirstHostPort">First port of the host that will do; 0 for any of the ephemeral ones (ip_local_port_range).</param>
/// <param name="LastHostPort">Last port that will do.</param>
public sealed record PortRequest(PortProtocol Protocol, int ContainerPort, IReadOnlyList<IPAddress> HostAddresses, int FirstHostPort, int LastHostPort);
