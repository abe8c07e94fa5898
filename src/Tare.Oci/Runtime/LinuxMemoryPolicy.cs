using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>NUMA memory policy.</summary>
public sealed class LinuxMemoryPolicy
{
    /// <summary>MPOL_… name.</summary>
    [JsonPropertyName("mode")]
    public string Mode { get; set; } = "";

    /// <summary>List of nodes.</summary>
    [JsonPropertyName("nodes")]
    public string? Nodes { get; set; }

    /// <summary>MPOL_F_… names.</summary>
    [JsonPropertyName("flags")]
    public List<string>? Flags { get; set; }
}
