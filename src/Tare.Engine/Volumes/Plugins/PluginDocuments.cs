using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tare.Engine.Volumes.Plugins;

/// <summary>Body of every call of the volume plugin protocol: each takes the members that it knows.</summary>
internal sealed class PluginRequest
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; set; }

    [JsonPropertyName("ID")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; set; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, string>? Opts { get; set; }
}

/// <summary>Answer of every call.</summary>
internal sealed class PluginAnswer
{
    public List<string>? Implements { get; set; }

    public string? Mountpoint { get; set; }

    public PluginVolume? Volume { get; set; }

    public List<PluginVolume>? Volumes { get; set; }

    public PluginCapabilities? Capabilities { get; set; }

    /// <summary>Why it failed; empty for success.</summary>
    public string? Err { get; set; }
}

/// <summary>A volume as its plugin tells it.</summary>
internal sealed class PluginVolume
{
    public string Name { get; set => field = value ?? ""; } = "";

    public string Mountpoint { get; set => field = value ?? ""; } = "";

    public string? CreatedAt { get; set; }

    public Dictionary<string, JsonElement>? Status { get; set; }
}

/// <summary>What a plugin can do.</summary>
internal sealed class PluginCapabilities
{
    public string Scope { get; set => field = value ?? ""; } = "";
}

/// <summary>A file <c>NAME.json</c> that tells where a plugin listens.</summary>
internal sealed class PluginPlace
{
    public string? Name { get; set; }

    public string? Addr { get; set; }

    [JsonPropertyName("TLSConfig")]
    public PluginTls? TlsConfig { get; set; }
}

/// <summary>TLS towards a plugin: paths of files in PEM.</summary>
internal sealed record PluginTls
{
    public bool InsecureSkipVerify { get; set; }

    [JsonPropertyName("CAFile")]
    public string AuthorityFile { get; set => field = value ?? ""; } = "";

    [JsonPropertyName("CertFile")]
    public string CertificateFile { get; set => field = value ?? ""; } = "";

    public string KeyFile { get; set => field = value ?? ""; } = "";
}

/// <summary>Serialiser of the protocol; Go's readers take names in any case, and so do these.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(PluginRequest))]
[JsonSerializable(typeof(PluginAnswer))]
[JsonSerializable(typeof(PluginPlace))]
internal sealed partial class PluginJson : JsonSerializerContext;
