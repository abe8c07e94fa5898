using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Limit of the number of processes.</summary>
public sealed class LinuxPids
{
    /// <summary>-1 is unlimited.</summary>
    [JsonPropertyName("limit")]
    public long? Limit { get; set; }
}
