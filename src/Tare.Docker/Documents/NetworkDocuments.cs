using System.Text.Json.Serialization;

namespace Tare.Docker.Documents;

/// <summary>A network.</summary>
internal sealed record NetworkDocument
{
    public required string Name { get; init; }

    public required string Id { get; init; }

    public required string Created { get; init; }

    public string Scope { get; init; } = "local";

    public required string Driver { get; init; }

    public bool EnableIPv4 { get; init; } = true;

    public bool EnableIPv6 { get; init; }

    [JsonPropertyName("IPAM")]
    public required IpamDocument Ipam { get; init; }

    public bool Internal { get; init; }

    public bool Attachable { get; init; }

    public bool Ingress { get; init; }

    public NetworkReferenceDocument ConfigFrom { get; init; } = new("");

    public bool ConfigOnly { get; init; }

    public required IReadOnlyDictionary<string, EndpointResourceDocument> Containers { get; init; }

    public required IReadOnlyDictionary<string, string> Options { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }
}

/// <summary>The addresses of a network.</summary>
internal sealed record IpamDocument(string Driver, IReadOnlyDictionary<string, string>? Options, IReadOnlyList<IpamPoolDocument>? Config);

/// <summary>A range of addresses.</summary>
internal sealed record IpamPoolDocument(string Subnet, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? IPRange, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Gateway);

/// <summary>A network by name.</summary>
internal sealed record NetworkReferenceDocument(string Network);

/// <summary>A container's end of a network.</summary>
internal sealed record EndpointResourceDocument(string Name, [property: JsonPropertyName("EndpointID")] string EndpointId, string MacAddress, string IPv4Address, string IPv6Address);

/// <summary>Answer of network prune; null when there was nothing to remove.</summary>
internal sealed record NetworksPrunedDocument(IReadOnlyList<string>? NetworksDeleted);
