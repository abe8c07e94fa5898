using System.Globalization;
using System.Net;

namespace Tare.Cli.Containers;

/// <summary>A port of the container, and where it is published on the host.</summary>
/// <param name="ContainerPort">Number and protocol, as in <c>80/tcp</c>.</param>
/// <param name="HostIp">Address of the host, or empty for all.</param>
/// <param name="HostPort">Port or range of ports of the host, or empty for a free one.</param>
internal sealed record PortBinding(string ContainerPort, string HostIp, string HostPort)
{
    /// <summary>Reads <c>[[ip:]hostPort:]containerPort[/protocol]</c>, where ports may be ranges, or the long form <c>target=80,published=8080</c>.</summary>
    /// <exception cref="FormatException">The text is no port; the message is Docker's.</exception>
    public static List<PortBinding> Parse(string text)
    {
        string spec = text.Contains('=', StringComparison.Ordinal) ? FromLongForm(text) : text;
        int slash = spec.LastIndexOf('/');
        string protocol = slash < 0 ? "tcp" : spec[(slash + 1)..].ToLowerInvariant();
        string ports = slash < 0 ? spec : spec[..slash];
        int last = ports.LastIndexOf(':');
        string container = ports[(last + 1)..];
        string before = last < 0 ? string.Empty : ports[..last];
        int first = before.EndsWith(']') ? before.Length : before.LastIndexOf(':');
        string host = first < 0 ? before : first == before.Length ? string.Empty : before[(first + 1)..];
        string ip = first < 0 ? string.Empty : before[..first].Trim('[', ']');
        if (ip.Length > 0 && !IPAddress.TryParse(ip, out _))
        {
            throw new FormatException($"Invalid ip address: {ip}");
        }

        if (container.Length == 0)
        {
            throw new FormatException($"No port specified: {spec}<empty>");
        }

        if (protocol is not ("tcp" or "udp" or "sctp"))
        {
            throw new FormatException($"Invalid proto: {protocol}");
        }

        return Expand(ip, host, container, protocol);
    }

    /// <summary>Reads <c>port[-port][/protocol]</c> of <c>--expose</c>.</summary>
    /// <returns>Each port with its protocol.</returns>
    /// <exception cref="FormatException">The text is no port.</exception>
    public static IEnumerable<string> ParseExposed(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            throw new FormatException($"invalid port format for --expose: {text}");
        }

        int slash = text.LastIndexOf('/');
        string protocol = slash < 0 ? "tcp" : text[(slash + 1)..].ToLowerInvariant();
        (int start, int end) = TryRange(slash < 0 ? text : text[..slash])
            ?? throw new FormatException($"invalid range format for --expose: {text}");
        return Enumerable.Range(start, end - start + 1).Select(port => $"{port}/{protocol}");
    }

    private static List<PortBinding> Expand(string ip, string host, string container, string protocol)
    {
        (int start, int end) = TryRange(container) ?? throw new FormatException($"Invalid containerPort: {container}");
        (int Start, int End)? hostRange = host.Length == 0 ? null : TryRange(host) ?? throw new FormatException($"Invalid hostPort: {host}");
        if (hostRange is { } range && range.End - range.Start != end - start)
        {
            return start == end
                ? [new PortBinding($"{start}/{protocol}", ip, host)]
                : throw new FormatException($"Invalid ranges specified for container and host Ports: {container} and {host}");
        }

        List<PortBinding> bindings = [];
        for (int port = start; port <= end; port++)
        {
            string published = hostRange is { } from ? (from.Start + port - start).ToString(CultureInfo.InvariantCulture) : string.Empty;
            bindings.Add(new PortBinding($"{port}/{protocol}", ip, published));
        }

        return bindings;
    }

    private static (int Start, int End)? TryRange(string text)
    {
        int dash = text.IndexOf('-', StringComparison.Ordinal);
        string first = dash < 0 ? text : text[..dash];
        string last = dash < 0 ? text : text[(dash + 1)..];
        return ushort.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out ushort start)
            && ushort.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out ushort end) && start <= end
            ? (start, end)
            : null;
    }

    private static string FromLongForm(string text)
    {
        string target = string.Empty, published = string.Empty, protocol = "tcp";
        foreach (string field in text.Split(','))
        {
            int equals = field.IndexOf('=', StringComparison.Ordinal);
            string key = equals < 0 ? field : field[..equals];
            string value = equals < 0 ? string.Empty : field[(equals + 1)..];
            switch (key)
            {
                case "target": target = value; break;
                case "published": published = value; break;
                case "protocol": protocol = value; break;
                case "mode": break;
                default: throw new FormatException($"invalid field key {key}");
            }
        }

        return $"{(published.Length > 0 ? published + ":" : string.Empty)}{target}/{protocol}";
    }
}
