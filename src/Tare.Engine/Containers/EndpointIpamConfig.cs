using System.Text.Json.Serialization;

namespace Tare.Engine.Containers;

/// <summary>Addresses that a container asks for on a network.</summary>
public sealed class EndpointIpamConfig
{
    /// <summary>IPv4 address; null chooses one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IPv4Address { get; set; }

    /// <summary>IPv6 address; null chooses one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IPv6Address { get; set; }

    /// <summary>Link-local addresses.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<string>? LinkLocalIPs { get; set; }
}
