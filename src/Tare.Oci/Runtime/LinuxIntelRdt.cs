using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Intel Resource Director Technology (config-linux.md, IntelRdt).</summary>
public sealed class LinuxIntelRdt
{
    /// <summary>Class of service; "/" is the root.</summary>
    [JsonPropertyName("closID")]
    public string? ClosId { get; set; }

    /// <summary>Lines of the schemata file.</summary>
    [JsonPropertyName("schemata")]
    public List<string>? Schemata { get; set; }

    /// <summary>Schema of the L3 cache.</summary>
    [JsonPropertyName("l3CacheSchema")]
    public string? L3CacheSchema { get; set; }

    /// <summary>Schema of the memory bandwidth.</summary>
    [JsonPropertyName("memBwSchema")]
    public string? MemBwSchema { get; set; }

    /// <summary>Makes a monitoring group.</summary>
    [JsonPropertyName("enableMonitoring")]
    public bool EnableMonitoring { get; set; }
}
