using System.Net;

namespace Tare.Network.Ports;

/// <summary>A container's port that the host offers.</summary>
/// <param name="Protocol">Protocol.</param>
/// <param name="HostAddress">Address of the host; 0.0.0.0 for all.</param>
/// <param name="HostPort">Port of the host.</param>
/// <param name="ContainerAddress">The container's address.</param>
/// <param name="ContainerPort">Port in the container.</param>
public sealed record PublishedPort(PortProtocol Protocol, IPAddress HostAddress, int HostPort, IPAddress ContainerAddress, int ContainerPort);
