namespace Tare.Engine.Explain;

/// <summary>A container's end of the network; members are empty where there is none.</summary>
/// <param name="Mode">The network mode: <c>bridge</c>, <c>none</c>, <c>host</c>, <c>container:ID</c>.</param>
/// <param name="Interface">The interface inside.</param>
/// <param name="IPAddress">Its IPv4 address.</param>
/// <param name="PrefixLength">Its prefix length.</param>
/// <param name="Gateway">The default gateway.</param>
/// <param name="MacAddress">Its MAC address.</param>
/// <param name="HostInterface">The other end, on the host.</param>
/// <param name="IngressBitsPerSecond">What it may receive, as the kernel limits it; 0 for no limit.</param>
/// <param name="EgressBitsPerSecond">What it may send; 0 for no limit.</param>
public sealed record ExplainedNetwork(string Mode, string Interface, string IPAddress, int PrefixLength, string Gateway, string MacAddress, string HostInterface, long IngressBitsPerSecond, long EgressBitsPerSecond);
