namespace Tare.Cli.Credentials;

/// <summary>The names by which credentials are kept.</summary>
internal static class RegistryServer
{
    /// <summary>Docker Hub's.</summary>
    public const string Hub = "https://index.docker.io/v1/";

    /// <summary>The name under which a registry's credentials are kept, of the host in an image's name.</summary>
    public static string KeyOf(string registry) => registry is "docker.io" or "index.docker.io" ? Hub : registry;

    /// <summary>The host in a key, which may be a URL: older files have such.</summary>
    public static string HostOf(string key)
    {
        string rest = key.StartsWith("http://", StringComparison.Ordinal) ? key[7..] : key.StartsWith("https://", StringComparison.Ordinal) ? key[8..] : key;
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? rest : rest[..slash];
    }
}
