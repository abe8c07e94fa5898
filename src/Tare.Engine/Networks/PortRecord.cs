namespace Tare.Engine.Networks;

/// <summary>A published port of a running container.</summary>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="HostAddress">Address of the host; 0.0.0.0 or :: for all of the family.</param>
/// <param name="HostPort">Port of the host.</param>
/// <param name="ContainerPort">Port in the container.</param>
internal sealed record PortRecord(string Protocol, string HostAddress, int HostPort, int ContainerPort);
