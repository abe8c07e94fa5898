using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>A clock's offset.</summary>
public sealed class LinuxTimeOffset
{
    /// <summary>Seconds.</summary>
    [JsonPropertyName("secs")]
    public long Seconds { get; set; }

    /// <summary>Nanoseconds.</summary>
    [JsonPropertyName("nanosecs")]
    public uint Nanoseconds { get; set; }
}
