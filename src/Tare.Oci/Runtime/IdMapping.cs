using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>A range of ids (user_namespaces(7)).</summary>
public sealed class IdMapping
{
    /// <summary>First id inside.</summary>
    [JsonPropertyName("containerID")]
    public uint ContainerId { get; set; }

    /// <summary>First id outside.</summary>
    [JsonPropertyName("hostID")]
    public uint HostId { get; set; }

    /// <summary>How many.</summary>
    [JsonPropertyName("size")]
    public uint Size { get; set; }
}
