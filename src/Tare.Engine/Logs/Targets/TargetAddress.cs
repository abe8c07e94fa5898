using System.Globalization;
using Tare.Engine.Errors;

namespace Tare.Engine.Logs.Targets;

/// <summary>An address of a log target.</summary>
/// <param name="Protocol"><c>udp</c>, <c>tcp</c>, <c>tls</c>, <c>unix</c> or <c>unixgram</c>.</param>
/// <param name="Host">Host name or address; the path for a unix socket.</param>
/// <param name="Port">Port; 0 for a unix socket.</param>
internal sealed record TargetAddress(string Protocol, string Host, int Port)
{
    /// <summary>The address as Go writes it.</summary>
    public string Text => Protocol.StartsWith("unix", StringComparison.Ordinal) ? Host
        : string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    /// <summary>Splits a text at <c>://</c>; the scheme is empty when there is none.</summary>
    public static (string Scheme, string Location) Split(string text)
    {
        int separator = text.IndexOf("://", StringComparison.Ordinal);
        return separator < 0 ? ("", text) : (text[..separator], text[(separator + 3)..].TrimEnd('/'));
    }

    /// <summary>Reads <c>host[:port]</c>, with brackets around an address of IPv6.</summary>
    /// <exception cref="EngineException">InvalidArgument: the port is none.</exception>
    public static TargetAddress Network(string protocol, string text, int defaultPort)
    {
        string host = text;
        int port = defaultPort;
        int colon = text.LastIndexOf(':');
        if (colon >= 0 && colon > text.LastIndexOf(']'))
        {
            host = text[..colon];
            bool valid = int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= ushort.MaxValue
                && (!host.Contains(':', StringComparison.Ordinal) || host.StartsWith('['));
            if (!valid)
            {
                EngineErrors.ThrowInvalid($"parse \"{protocol}://{text}\": invalid port \"{text[colon..]}\" after host");
            }
        }

        return new TargetAddress(protocol, host.Trim('[', ']') is { Length: > 0 } named ? named : "127.0.0.1", port);
    }
}
