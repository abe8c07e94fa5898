using System.Text.Json.Serialization;

namespace Tare.Daemon.Options;

/// <summary>The part <c>proxies</c> of the configuration file.</summary>
internal sealed class ConfigProxies
{
    [JsonPropertyName("http-proxy")]
    public string? Http { get; set; }

    [JsonPropertyName("https-proxy")]
    public string? Https { get; set; }

    [JsonPropertyName("no-proxy")]
    public string? Exceptions { get; set; }
}
