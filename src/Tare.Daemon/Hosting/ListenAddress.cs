using System.Globalization;
using System.Net;
using Tare.Daemon.Options;

namespace Tare.Daemon.Hosting;

/// <summary>A place to listen at.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Path">Path of a unix socket; null for the others.</param>
/// <param name="EndPoint">Address and port of TCP; null for the others.</param>
/// <param name="Descriptor">Number of one inherited socket, or -1 for all that systemd passed; null for the others.</param>
internal sealed record ListenAddress(string Text, string? Path, IPEndPoint? EndPoint, int? Descriptor)
{
    /// <summary>Port of the unencrypted API.</summary>
    private const int DefaultPort = 2375;

    /// <summary>Port of the API with TLS.</summary>
    private const int DefaultTlsPort = 2376;

    // sun_path has 108 bytes with the closing zero (unix(7)).
    private const int LongestPath = 107;

    /// <summary>Reads <c>unix://PATH</c>, <c>tcp://[HOST][:PORT]</c>, <c>ADDRESS:PORT</c> alone or <c>fd://[NUMBER]</c>.</summary>
    /// <exception cref="OptionException">It is none of these.</exception>
    /// <param name="text">The text.</param>
    /// <param name="isTls">Whether TCP is spoken with TLS, which has another port by custom.</param>
    public static ListenAddress Parse(string text, bool isTls = false)
    {
        int colon = text.IndexOf("://", StringComparison.Ordinal);
        string rest = colon < 0 ? text : text[(colon + 3)..];
        return (colon < 0 && text.Contains(':', StringComparison.Ordinal) ? "tcp" : colon < 0 ? "" : text[..colon]) switch
        {
            "unix" => Unix(text, rest),
            "tcp" => new ListenAddress(text, null, Tcp(text, rest, isTls ? DefaultTlsPort : DefaultPort), null),
            "fd" => new ListenAddress(text, null, null, Fd(text, rest)),
            _ => throw Invalid(text),
        };
    }

    private static ListenAddress Unix(string text, string path) =>
        !path.StartsWith('/') ? throw Invalid(text)
        : System.Text.Encoding.UTF8.GetByteCount(path) > LongestPath ? throw new OptionException($"listen at \"{text}\": the path is longer than {LongestPath} bytes")
        : new ListenAddress(text, path, null, null);

    private static IPEndPoint Tcp(string text, string rest, int port)
    {
        string host = rest;
        int colon = rest.LastIndexOf(':');
        if (colon > rest.LastIndexOf(']'))
        {
            host = rest[..colon];
            port = int.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) && parsed <= ushort.MaxValue ? parsed : throw Invalid(text);
        }

        return host switch
        {
            "" or "localhost" => new IPEndPoint(IPAddress.Loopback, port),
            _ => IPAddress.TryParse(host, out IPAddress? address) ? new IPEndPoint(address, port) : throw Invalid(text),
        };
    }

    private static int Fd(string text, string rest) =>
        rest is "" or "*" ? -1
        : int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 3 ? number
        : throw Invalid(text);

    private static OptionException Invalid(string text) => new($"invalid host \"{text}\": want unix:///PATH, tcp://ADDRESS:PORT or fd://");
}
