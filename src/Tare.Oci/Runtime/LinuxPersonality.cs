using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Execution domain.</summary>
public sealed class LinuxPersonality
{
    /// <summary>LINUX or LINUX32.</summary>
    [JsonPropertyName("domain")]
    public string Domain { get; set; } = "";

    /// <summary>None are defined.</summary>
    [JsonPropertyName("flags")]
    public List<string>? Flags { get; set; }
}
