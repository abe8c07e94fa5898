using System.Net;

namespace Tare.Registry;

/// <summary>
/// The proxy that the environment names (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY, in capitals or not), but never for this machine: a registry on
/// localhost is reached directly, as by Docker's engine.
/// </summary>
/// <param name="environment">What the environment says.</param>
internal sealed class RegistryProxy(IWebProxy environment) : IWebProxy
{
    /// <inheritdoc/>
    public ICredentials? Credentials
    {
        get => environment.Credentials;
        set => environment.Credentials = value;
    }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : environment.GetProxy(destination);

    /// <inheritdoc/>
    public bool IsBypassed(Uri host)
        => host.IsLoopback || (IPAddress.TryParse(host.DnsSafeHost, out IPAddress? address) && IPAddress.IsLoopback(address)) || environment.IsBypassed(host);
}
