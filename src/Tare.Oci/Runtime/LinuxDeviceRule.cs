using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>A rule of the device cgroup.</summary>
public sealed class LinuxDeviceRule
{
    /// <summary>Allowed or denied.</summary>
    [JsonPropertyName("allow")]
    public bool Allow { get; set; }

    /// <summary>a, b or c; null is a.</summary>
    [JsonPropertyName("type")]
    public string? Type { get; set; }

    /// <summary>Major number; null is all.</summary>
    [JsonPropertyName("major")]
    public long? Major { get; set; }

    /// <summary>Minor number; null is all.</summary>
    [JsonPropertyName("minor")]
    public long? Minor { get; set; }

    /// <summary>Of r, w, m.</summary>
    [JsonPropertyName("access")]
    public string? Access { get; set; }
}
