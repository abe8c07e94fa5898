using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Tare.Registry.Transport;

/// <summary>
/// HTTP to registries: connections are kept and shared. A host with certificates of its own has connections of its own, made anew when its folder changes.
/// May be used from any thread.
/// </summary>
internal sealed class RegistryHttp : IDisposable
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(30);

    private readonly RegistryOptions _options;
    private readonly Func<Endpoint, HttpMessageHandler> _handlers;
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly Dictionary<string, HttpClient> _clients = [];

    /// <summary>Makes connections by the options.</summary>
    public RegistryHttp(RegistryOptions options)
    {
        RegistryProxy proxy = new(options.Proxies);
        _options = options;
        _handlers = endpoint => Handler(endpoint, options.CertificateFolder, proxy);
    }

    /// <summary>Speaks through handlers of the caller's.</summary>
    internal RegistryHttp(RegistryOptions options, Func<Endpoint, HttpMessageHandler> handlers)
    {
        _options = options;
        _handlers = handlers;
    }

    /// <summary>The client for an endpoint. Not the caller's to dispose.</summary>
    /// <exception cref="RegistryException">The certificates that are laid down for the host cannot be read.</exception>
    public HttpClient For(Endpoint endpoint)
    {
        string fingerprint = endpoint.Base.Scheme == Uri.UriSchemeHttps ? HostCertificates.Fingerprint(_options.CertificateFolder, endpoint.Base.Authority) : "";
        string key = fingerprint.Length > 0 ? $"{endpoint.Base.Authority}|{endpoint.Insecure}|{fingerprint}" : endpoint.Insecure ? "insecure" : "secure";
        lock (_lock)
        {
            if (!_clients.TryGetValue(key, out HttpClient? client))
            {
                client = new HttpClient(_handlers(endpoint)) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = 1 << 20 };
                client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("tare", typeof(RegistryHttp).Assembly.GetName().Version?.ToString(3)));
                _clients.Add(key, client);
            }

            return client;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (HttpClient client in _clients.Values)
            {
                client.Dispose();
            }
        }
    }

    private static SocketsHttpHandler Handler(Endpoint endpoint, string certificates, RegistryProxy proxy)
    {
        SocketsHttpHandler handler = new()
        {
            ConnectTimeout = s_connectTimeout,
            MaxAutomaticRedirections = 10, // Go's limit, and so dockerd's
            Proxy = proxy,
            UseCookies = false,
            // A pool that lives for weeks would never see that a name has moved.
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        };
        HostCertificates? own = endpoint.Base.Scheme == Uri.UriSchemeHttps ? HostCertificates.Load(certificates, endpoint.Base.Authority) : null;
        if (own is { ClientCertificates.Count: > 0 })
        {
            X509Certificate2 shown = own.ClientCertificates[0];
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(shown, null, offline: true);
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => shown;
        }

#pragma warning disable CA5359 // the user named this registry as one whose certificate is not checked
        handler.SslOptions.RemoteCertificateValidationCallback = endpoint.Insecure ? static (_, _, _, _) => true : CertificateCheck.For(own?.Authorities ?? []);
#pragma warning restore CA5359
        return handler;
    }
}
