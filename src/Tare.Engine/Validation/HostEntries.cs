using System.Net;
using Tare.Engine.Containers;
using Tare.Engine.Errors;

namespace Tare.Engine.Validation;

/// <summary>Checks the small lists of a host configuration: extra hosts, name servers, annotations.</summary>
internal static class HostEntries
{
    private const string HostGateway = "host-gateway";

    /// <summary>Checks what dockerd checks when a container is created.</summary>
    /// <exception cref="EngineException">InvalidArgument: one is wrong, in dockerd's words.</exception>
    public static void Check(HostConfig host)
    {
        foreach (string entry in host.ExtraHosts ?? [])
        {
            CheckExtraHost(entry);
        }

        if (host.Annotations?.ContainsKey("") == true)
        {
            EngineErrors.ThrowInvalid("invalid Annotations: the empty string is not permitted as an annotation key");
        }
    }

    /// <summary>Checks what dockerd checks when a container starts.</summary>
    /// <exception cref="EngineException">Internal: a name server is no address.</exception>
    public static void CheckNameServers(IEnumerable<string>? servers)
    {
        foreach (string server in servers ?? [])
        {
            if (!IPAddress.TryParse(server, out _))
            {
                throw EngineErrors.Late($"bad nameserver address {server}: ParseAddr(\"{server}\"): unable to parse IP");
            }
        }
    }

    private static void CheckExtraHost(string entry)
    {
        int split = entry.IndexOf(':', StringComparison.Ordinal);
        if (split <= 0)
        {
            split = entry.IndexOf('=', StringComparison.Ordinal);
        }

        if (split <= 0)
        {
            EngineErrors.ThrowInvalid($"bad format for add-host: \"{entry}\"");
        }

        string address = entry[(split + 1)..];
        if (address != HostGateway && !IPAddress.TryParse(address.Trim('[', ']'), out _))
        {
            EngineErrors.ThrowInvalid($"invalid IP address in add-host: \"{address}\"");
        }
    }
}
