namespace Tare.Engine.Networks;

/// <summary>A network, immutable.</summary>
public sealed record NetworkSnapshot
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Its name: <c>bridge</c>, <c>host</c>, <c>none</c> …</summary>
    public required string Name { get; init; }

    /// <summary>Its driver: <c>bridge</c>, <c>host</c> or <c>null</c>.</summary>
    public required string Driver { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>IPv4 subnet with prefix length; null without addresses.</summary>
    public string? Subnet { get; init; }

    /// <summary>Part of the subnet that containers get addresses of; null for all of it.</summary>
    public string? Range { get; init; }

    /// <summary>IPv4 gateway; null without addresses.</summary>
    public string? Gateway { get; init; }

    /// <summary>Options of the driver in Docker's names.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Endpoints of running containers, by container id.</summary>
    public IReadOnlyDictionary<string, NetworkEndpoint> Containers { get; init; } = new Dictionary<string, NetworkEndpoint>();
}
