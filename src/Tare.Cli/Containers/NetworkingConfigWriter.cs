using System.Text.Json;

namespace Tare.Cli.Containers;

/// <summary>Writes <c>NetworkingConfig</c>: an endpoint for each network that the options name.</summary>
internal static class NetworkingConfigWriter
{
    /// <summary>The networks of a container, the first with what the separate options say about it; <c>default</c> when none is named.</summary>
    public static List<NetworkAttachment> Networks(NetworkFlags flags)
    {
        List<NetworkAttachment> networks = [.. flags.Networks.Values];
        NetworkAttachment first = networks.Count == 0 ? new NetworkAttachment("default") : networks[0];
        first = first with
        {
            Aliases = [.. first.Aliases, .. flags.Aliases.Values],
            IPv4Address = flags.IPv4Address.IsSet ? flags.IPv4Address.Value : first.IPv4Address,
            IPv6Address = flags.IPv6Address.IsSet ? flags.IPv6Address.Value : first.IPv6Address,
            MacAddress = flags.MacAddress.IsSet ? flags.MacAddress.Value : first.MacAddress,
        };
        return [first, .. networks.Skip(1)];
    }

    /// <summary>Refuses what only user-defined networks know.</summary>
    /// <exception cref="FormatException">The message is Docker's.</exception>
    public static void Check(NetworkFlags flags)
    {
        foreach (NetworkAttachment network in Networks(flags))
        {
            if (network.Name.Length == 0)
            {
                throw new FormatException("no name set for network");
            }

            if (!network.IsUserDefined && network.Aliases.Count > 0)
            {
                throw new FormatException("network-scoped aliases are only supported for user-defined networks");
            }
        }
    }

    /// <summary>Writes the member, unless the networks need no words beyond their mode.</summary>
    public static void Write(Utf8JsonWriter json, NetworkFlags flags)
    {
        List<NetworkAttachment> networks = Networks(flags);
        bool plain = networks is [{ IsUserDefined: false, MacAddress.Length: 0, IPv4Address.Length: 0, IPv6Address.Length: 0 }] && flags.Links.Values.Count == 0;
        if (plain)
        {
            return;
        }

        json.WriteStartObject("NetworkingConfig");
        json.WriteStartObject("EndpointsConfig");
        foreach (NetworkAttachment network in networks)
        {
            json.WriteStartObject(network.Name);
            JsonFields.TextsUnlessEmpty(json, "Aliases", [.. network.Aliases]);
            JsonFields.TextUnlessEmpty(json, "MacAddress", network.MacAddress);
            JsonFields.Map(json, "DriverOpts", [.. network.DriverOptions]);
            if (network.IsUserDefined && ReferenceEquals(network, networks[0]))
            {
                JsonFields.TextsUnlessEmpty(json, "Links", flags.Links.Values);
            }

            WriteAddresses(json, network, flags);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteAddresses(Utf8JsonWriter json, NetworkAttachment network, NetworkFlags flags)
    {
        if (network.IPv4Address.Length == 0 && network.IPv6Address.Length == 0 && flags.LinkLocalAddresses.Values.Count == 0)
        {
            return;
        }

        json.WriteStartObject("IPAMConfig");
        JsonFields.TextUnlessEmpty(json, "IPv4Address", network.IPv4Address);
        JsonFields.TextUnlessEmpty(json, "IPv6Address", network.IPv6Address);
        JsonFields.TextsUnlessEmpty(json, "LinkLocalIPs", flags.LinkLocalAddresses.Values);
        json.WriteEndObject();
    }
}
