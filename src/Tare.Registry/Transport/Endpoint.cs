using System.Net;

namespace Tare.Registry.Transport;

/// <summary>A place that a repository is fetched from.</summary>
/// <param name="Base">Scheme, host and port.</param>
/// <param name="Insecure">Whether certificates are not checked, and plain HTTP is tried.</param>
/// <param name="IsMirror">Whether it is a mirror, whose failures are passed over.</param>
internal sealed record Endpoint(Uri Base, bool Insecure, bool IsMirror)
{
    private const string HubDomain = "docker.io";
    private const string HubHost = "registry-1.docker.io";

    /// <summary>The places of a repository in the order in which they are tried.</summary>
    /// <param name="domain">The registry as references name it.</param>
    /// <param name="options">Mirrors and insecure registries.</param>
    /// <param name="withMirrors">Whether mirrors count: they are for reading.</param>
    public static List<Endpoint> Of(string domain, RegistryOptions options, bool withMirrors)
    {
        List<Endpoint> endpoints = [];
        bool hub = domain == HubDomain;
        if (hub && withMirrors)
        {
            endpoints.AddRange(options.Mirrors.Select(MirrorUri).Select(mirror => new Endpoint(mirror, mirror.Scheme == "http" || IsInsecure(mirror.Authority, options.InsecureRegistries), true)));
        }

        string host = hub ? HubHost : domain;
        bool insecure = IsInsecure(host, options.InsecureRegistries);
        endpoints.Add(new Endpoint(new Uri($"https://{host}"), insecure, false));
        if (insecure)
        {
            endpoints.Add(new Endpoint(new Uri($"http://{host}"), true, false));
        }

        return endpoints;
    }

    /// <summary>Whether a host is spoken to without TLS: one that is named so, or a loopback address.</summary>
    public static bool IsInsecure(string host, IReadOnlyList<string> insecure)
    {
        string name = host.StartsWith('[') ? host[1..host.IndexOf(']', StringComparison.Ordinal)] : host.Split(':')[0];
        return insecure.Contains(host) || insecure.Contains(name) || name == "localhost"
            || (IPAddress.TryParse(name, out IPAddress? address) && (IPAddress.IsLoopback(address) || insecure.Any(entry => IPNetwork.TryParse(entry, out IPNetwork network) && network.Contains(address))));
    }

    private static Uri MirrorUri(string mirror) => new(mirror.Contains("://", StringComparison.Ordinal) ? mirror : "https://" + mirror);
}
