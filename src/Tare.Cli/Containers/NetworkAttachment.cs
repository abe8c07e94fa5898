namespace Tare.Cli.Containers;

/// <summary>A network that a container joins, with what the option says about the endpoint.</summary>
internal sealed record NetworkAttachment(string Name)
{
    /// <summary>Names in that network.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Fixed IPv4 address, or empty.</summary>
    public string IPv4Address { get; init; } = string.Empty;

    /// <summary>Fixed IPv6 address, or empty.</summary>
    public string IPv6Address { get; init; } = string.Empty;

    /// <summary>Fixed MAC address, or empty.</summary>
    public string MacAddress { get; init; } = string.Empty;

    /// <summary>Options of the network driver.</summary>
    public IReadOnlyList<string> DriverOptions { get; init; } = [];

    /// <summary>Whether the network is neither built in nor another container's.</summary>
    public bool IsUserDefined => Name is not ("default" or "bridge" or "host" or "none") && !Name.StartsWith("container:", StringComparison.Ordinal);

    /// <summary>Reads a name, or <c>name=x,alias=y,ip=z,…</c>.</summary>
    /// <exception cref="FormatException">A field is unknown.</exception>
    public static NetworkAttachment Parse(string text)
    {
        if (!text.Contains('=', StringComparison.Ordinal))
        {
            return new NetworkAttachment(text);
        }

        NetworkAttachment network = new(string.Empty);
        foreach (string field in text.Split(','))
        {
            int equals = field.IndexOf('=', StringComparison.Ordinal);
            string key = (equals < 0 ? field : field[..equals]).Trim().ToLowerInvariant();
            string value = equals < 0 ? throw new FormatException($"invalid field {field}") : field[(equals + 1)..].Trim();
            network = key switch
            {
                "name" => network with { Name = value },
                "alias" => network with { Aliases = [.. network.Aliases, value] },
                "ip" => network with { IPv4Address = value },
                "ip6" => network with { IPv6Address = value },
                "mac-address" => network with { MacAddress = value },
                "driver-opt" => network with { DriverOptions = [.. network.DriverOptions, value] },
                _ => throw new FormatException($"invalid field key {key}"),
            };
        }

        return network.Name.Length == 0 ? throw new FormatException("network name/id is not specified") : network;
    }
}
