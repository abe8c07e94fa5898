using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Capability sets by their names, CAP_… (config.md, Linux process; capabilities(7)).</summary>
public sealed class CapabilitySets
{
    /// <summary>Bounding set.</summary>
    [JsonPropertyName("bounding")]
    public List<string>? Bounding { get; set; }

    /// <summary>Effective set.</summary>
    [JsonPropertyName("effective")]
    public List<string>? Effective { get; set; }

    /// <summary>Inheritable set.</summary>
    [JsonPropertyName("inheritable")]
    public List<string>? Inheritable { get; set; }

    /// <summary>Permitted set.</summary>
    [JsonPropertyName("permitted")]
    public List<string>? Permitted { get; set; }

    /// <summary>Ambient set.</summary>
    [JsonPropertyName("ambient")]
    public List<string>? Ambient { get; set; }
}
