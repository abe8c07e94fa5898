using System.Net;

namespace Tare.Registry.Transport;

/// <summary>Chooses the proxy of a request, but never one for this machine: a registry on localhost is reached directly, as by Docker's engine.</summary>
internal sealed class RegistryProxy : IWebProxy
{
    private readonly Uri? _http;
    private readonly Uri? _https;
    private readonly string[] _exceptions;

    /// <summary>Reads the settings.</summary>
    /// <exception cref="RegistryException">An address is no URL.</exception>
    public RegistryProxy(ProxySettings settings)
    {
        _http = Parse(settings.Http);
        _https = Parse(settings.Https);
        _exceptions = settings.Exceptions.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Credentials = new UrlCredentials();
    }

    /// <inheritdoc/>
    public ICredentials? Credentials { get; set; }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : Of(destination);

    /// <inheritdoc/>
    public bool IsBypassed(Uri host)
        => Of(host) is null || host.IsLoopback || (IPAddress.TryParse(host.DnsSafeHost, out IPAddress? address) && IPAddress.IsLoopback(address))
            || Array.Exists(_exceptions, exception => Excepts(exception, host));

    private Uri? Of(Uri destination) => destination.Scheme == Uri.UriSchemeHttps ? _https : _http;

    private static Uri? Parse(string text)
        => text.Length == 0 ? null
            : Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text, UriKind.Absolute, out Uri? proxy) ? proxy
            : throw new RegistryException(RegistryErrorKind.Protocol, "the address of the proxy is no URL");

    private static bool Excepts(string exception, Uri destination)
    {
        if (exception == "*")
        {
            return true;
        }

        string host = destination.DnsSafeHost;
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return (IPNetwork.TryParse(exception, out IPNetwork network) && network.Contains(address))
                || (IPAddress.TryParse(exception, out IPAddress? single) && single.Equals(address))
                || (IPEndPoint.TryParse(exception, out IPEndPoint? endpoint) && endpoint.Port == destination.Port && endpoint.Address.Equals(address));
        }

        int colon = exception.LastIndexOf(':');
        if (colon > 0)
        {
            if (!int.TryParse(exception.AsSpan(colon + 1), out int port) || port != destination.Port)
            {
                return false;
            }

            exception = exception[..colon];
        }

        string name = exception.StartsWith("*.", StringComparison.Ordinal) ? exception[1..] : exception;
        return name.StartsWith('.')
            ? host.EndsWith(name, StringComparison.OrdinalIgnoreCase)
            : host.Equals(name, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + name, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>User and password as they stand in the proxy's URL.</summary>
    private sealed class UrlCredentials : ICredentials
    {
        public NetworkCredential? GetCredential(Uri uri, string authType)
        {
            string[] parts = uri.UserInfo.Split(':', 2);
            return parts[0].Length == 0 ? null : new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        }
    }
}
