namespace Tare.Registry;

/// <summary>Proxies, as dockerd's configuration names them; what is empty is not used.</summary>
/// <param name="Http">URL of the proxy for plain HTTP, maybe with user and password.</param>
/// <param name="Https">URL of the proxy for HTTPS.</param>
/// <param name="Exceptions">Who is reached directly: names (with all below them), <c>.suffixes</c>, addresses, networks as <c>10.0.0.0/8</c>, each maybe with <c>:port</c>, separated by commas; <c>*</c> for all.</param>
public sealed record ProxySettings(string Http, string Https, string Exceptions)
{
    /// <summary>What the environment says: HTTP_PROXY, HTTPS_PROXY, NO_PROXY, else ALL_PROXY; the names in small letters count first.</summary>
    public static ProxySettings OfEnvironment(Func<string, string?> environment)
    {
        string Read(string name) => Text(environment(name)) ?? Text(environment(name.ToUpperInvariant())) ?? "";
        string all = Read("all_proxy");
        return new ProxySettings(Text(Read("http_proxy")) ?? all, Text(Read("https_proxy")) ?? all, Read("no_proxy"));
    }

    /// <summary>These settings, with another's where these are empty.</summary>
    public ProxySettings Or(ProxySettings other)
        => new(Text(Http) ?? other.Http, Text(Https) ?? other.Https, Text(Exceptions) ?? other.Exceptions);

    /// <summary>Hides the passwords in the URLs.</summary>
    public override string ToString() => $"proxies (exceptions \"{Exceptions}\")";

    private static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
