namespace Tare.Engine.Networks;

/// <summary>A running container's end of a network.</summary>
/// <param name="Name">The container's name.</param>
/// <param name="EndpointId">Id of the endpoint.</param>
/// <param name="MacAddress">Its MAC address; empty on networks without one.</param>
/// <param name="IPv4Address">Its address with prefix length; empty on networks without addresses.</param>
public sealed record NetworkEndpoint(string Name, string EndpointId, string MacAddress, string IPv4Address);
