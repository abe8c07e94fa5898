using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>A resource limit (getrlimit(2)).</summary>
public sealed class Rlimit
{
    /// <summary>RLIMIT_NOFILE and the like.</summary>
    [JsonPropertyName("type")]
    public string Type { get; set; } = "";

    /// <summary>Hard limit; 2^64-1 is unlimited.</summary>
    [JsonPropertyName("hard")]
    public ulong Hard { get; set; }

    /// <summary>Soft limit; 2^64-1 is unlimited.</summary>
    [JsonPropertyName("soft")]
    public ulong Soft { get; set; }
}
