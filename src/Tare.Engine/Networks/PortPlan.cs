using System.Globalization;
using System.Net;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Network.Ports;

namespace Tare.Engine.Networks;

/// <summary>Works out which ports a container publishes, and tells what came of it, as dockerd does: only ports that are exposed are published, and a client exposes what it
/// publishes.</summary>
internal static class PortPlan
{
    private const string DefaultProtocol = "tcp";

    /// <summary>Checks the ports of a create request.</summary>
    /// <exception cref="EngineException">InvalidArgument: <c>invalid port specification: "x"</c>.</exception>
    public static void Check(HostConfig host)
    {
        foreach ((string port, List<PortBinding>? bindings) in host.PortBindings ?? [])
        {
            string number = Split(port).Number;
            if (!TryPort(number, out _))
            {
                EngineErrors.ThrowInvalid($"invalid port specification: \"{number}\"");
            }

            foreach (PortBinding binding in bindings ?? [])
            {
                if (binding.HostPort.Length > 0 && !TryRange(Split(binding.HostPort).Number, out _))
                {
                    EngineErrors.ThrowInvalid($"invalid port specification: \"{binding.HostPort}\"");
                }

                if (binding.HostIp.Length > 0 && !IPAddress.TryParse(binding.HostIp, out _))
                {
                    EngineErrors.ThrowInvalid($"invalid host address of port {port}: \"{binding.HostIp}\"");
                }
            }
        }
    }

    /// <summary>The ports to be published, in the order in which they are taken: those that name a host port come before those that take any.</summary>
    /// <exception cref="EngineException">InvalidArgument: an image exposes what is no port.</exception>
    /// <param name="config">What is exposed.</param>
    /// <param name="host">What is published.</param>
    /// <param name="hostHasIPv6">Whether a port that names no address is offered on the host's IPv6 addresses too.</param>
    /// <param name="address">Where a port that names no address is offered; null, the default, for all addresses.</param>
    public static List<PortRequest> Requests(ContainerConfig config, HostConfig host, bool hostHasIPv6, string? address = null)
    {
        List<PortRequest> requests = [];
        foreach (string port in Exposed(config))
        {
            List<PortBinding> bindings = [.. (host.PortBindings ?? []).Where(b => Normalised(b.Key) == port).SelectMany(b => b.Value ?? [])];
            if (bindings.Count == 0 && host.PublishAllPorts)
            {
                bindings.Add(new PortBinding());
            }

            requests.AddRange(bindings.Select(binding => Request(port, binding, hostHasIPv6, address)));
        }

        return [.. requests.OrderBy(request => request.FirstHostPort == 0)];
    }

    /// <summary>The ports in force, sorted as dockerd's JSON is: <c>80/tcp</c> to addresses and ports of the host, null where the port is exposed only.</summary>
    /// <param name="config">What is exposed.</param>
    /// <param name="published">What is published, in the order in which it is told.</param>
    public static SortedDictionary<string, List<PortBinding>?> InForce(ContainerConfig config, IEnumerable<PortRecord> published)
    {
        SortedDictionary<string, List<PortBinding>?> ports = new(StringComparer.Ordinal);
        foreach (string port in Exposed(config))
        {
            ports[port] = null;
        }

        foreach (PortRecord port in published)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"{port.ContainerPort}/{port.Protocol}");
            List<PortBinding> bindings = ports.GetValueOrDefault(key) ?? [];
            bindings.Add(new PortBinding { HostIp = port.HostAddress, HostPort = port.HostPort.ToString(CultureInfo.InvariantCulture) });
            ports[key] = bindings;
        }

        return ports;
    }

    /// <summary>A port or a range of ports, 0 to 65535.</summary>
    public static bool TryRange(string text, out (int First, int Last) range)
    {
        int dash = text.IndexOf('-', StringComparison.Ordinal);
        bool valid = TryPort(dash < 0 ? text : text[..dash], out int first) & TryPort(dash < 0 ? text : text[(dash + 1)..], out int last);
        range = (first, last);
        return valid && first <= last;
    }

    private static PortRequest Request(string port, PortBinding binding, bool hostHasIPv6, string? address)
    {
        (string number, string protocol) = Split(port);
        (int First, int Last) range = (0, 0);
        if (!TryPort(number, out int containerPort) || (binding.HostPort.Length > 0 && !TryRange(Split(binding.HostPort).Number, out range)))
        {
            EngineErrors.ThrowInvalid($"invalid port specification: \"{port}\"");
        }

        IPAddress[] addresses = binding.HostIp.Length > 0 ? [IPAddress.Parse(binding.HostIp)] : address is not null ? [IPAddress.Parse(address)] : hostHasIPv6 ? [IPAddress.Any, IPAddress.IPv6Any] : [IPAddress.Any];
        try
        {
            PortProtocol kind = PortProtocols.Parse(protocol);
            return new PortRequest(kind, containerPort, kind == PortProtocol.Sctp ? [.. addresses.Take(1)] : addresses, range.First, range.Last);
        }
        catch (FormatException e)
        {
            throw new EngineException(ErrorClass.InvalidArgument, e.Message, e);
        }
    }

    /// <summary>The exposed ports in the order of their numbers, with protocol.</summary>
    private static IEnumerable<string> Exposed(ContainerConfig config) => (config.ExposedPorts?.Keys ?? Enumerable.Empty<string>())
        .Select(Normalised).Distinct()
        .OrderBy(port => TryPort(Split(port).Number, out int number) ? number : 0).ThenBy(port => port, StringComparer.Ordinal);

    private static string Normalised(string port)
    {
        (string number, string protocol) = Split(port);
        return $"{number}/{protocol}";
    }

    private static (string Number, string Protocol) Split(string port)
    {
        int slash = port.IndexOf('/', StringComparison.Ordinal);
        string protocol = slash < 0 ? "" : port[(slash + 1)..].ToLowerInvariant();
        return (slash < 0 ? port : port[..slash], protocol.Length == 0 ? DefaultProtocol : protocol);
    }

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= IPEndPoint.MaxPort;
}
