using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>I/O priority of a process (config.md, ioPriority).</summary>
public sealed class IoPriority
{
    /// <summary>IOPRIO_CLASS_RT, IOPRIO_CLASS_BE or IOPRIO_CLASS_IDLE.</summary>
    [JsonPropertyName("class")]
    public string Class { get; set; } = "";

    /// <summary>0 (highest) to 7.</summary>
    [JsonPropertyName("priority")]
    public int Priority { get; set; }
}
