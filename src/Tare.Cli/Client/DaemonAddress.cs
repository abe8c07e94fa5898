using System.Globalization;

namespace Tare.Cli.Client;

/// <summary>Where the daemon listens.</summary>
/// <param name="Text">The address as it was given.</param>
/// <param name="SocketPath">The unix socket, or null for TCP.</param>
/// <param name="HostName">The host, for TCP.</param>
/// <param name="Port">The port, for TCP.</param>
/// <param name="IsDefault">Nobody named an address, so the client may start a daemon there.</param>
internal sealed record DaemonAddress(string Text, string? SocketPath, string HostName, int Port, bool IsDefault)
{
    /// <summary>The socket of a daemon that was started without options.</summary>
    public const string DefaultText = "unix:///run/tare/tare.sock";

    private const int DefaultPort = 2375;
    private const int DefaultTlsPort = 2376;

    /// <summary>TLS of a TCP connection; null for none.</summary>
    public ClientTls? Tls { get; init; }

    /// <summary>Takes the option, then TARE_HOST, then DOCKER_HOST, then the default.</summary>
    /// <exception cref="FormatException">The address cannot be understood.</exception>
    public static DaemonAddress Resolve(string option, Func<string, string?> environment, ClientTls? tls = null)
    {
        string?[] candidates = [option, environment("TARE_HOST"), environment("DOCKER_HOST")];
        string? named = Array.Find(candidates, static candidate => !string.IsNullOrEmpty(candidate));
        return named is null ? Parse(DefaultText) with { IsDefault = true } : Parse(named, tls);
    }

    /// <summary>Reads <c>unix:///path</c>, <c>tcp://host:port</c>, <c>http://host:port</c> or a bare <c>host:port</c>.</summary>
    /// <exception cref="FormatException">The address cannot be understood.</exception>
    public static DaemonAddress Parse(string text, ClientTls? tls = null)
    {
        const string Unix = "unix://";
        if (text.StartsWith(Unix, StringComparison.Ordinal))
        {
            string path = text[Unix.Length..];
            return path.Length > 0 ? new DaemonAddress(text, path, "localhost", 0, false) : throw Unusable(text);
        }

        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0 && text[..scheme] is not ("tcp" or "http" or "https"))
        {
            throw Unusable(text);
        }

        string rest = (scheme < 0 ? text : text[(scheme + 3)..]).TrimEnd('/');
        int colon = rest.LastIndexOf(':');
        bool hasPort = colon >= 0 && !rest.EndsWith(']');
        string host = (hasPort ? rest[..colon] : rest).Trim('[', ']');
        int port = tls is null ? DefaultPort : DefaultTlsPort;
        if (hasPort && (!int.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > ushort.MaxValue))
        {
            throw Unusable(text);
        }

        return new DaemonAddress(text, null, host.Length == 0 ? "localhost" : host, port, false) { Tls = tls };
    }

    private static FormatException Unusable(string text) =>
        new($"unable to parse docker host `{text}`: use unix:///path/to/socket or tcp://host:port");
}
