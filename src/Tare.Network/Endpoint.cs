using System.Net;

namespace Tare.Network;

/// <summary>A container's end of a bridge.</summary>
/// <param name="HostInterface">Name of the veth outside.</param>
/// <param name="InterfaceName">Name inside.</param>
/// <param name="Address">Address inside.</param>
/// <param name="MacAddress">MAC address inside: <c>02:42:ac:11:00:02</c>.</param>
public sealed record Endpoint(string HostInterface, string InterfaceName, IPAddress Address, string MacAddress);
