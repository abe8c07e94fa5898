using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Rate limit of a block device.</summary>
public sealed class LinuxThrottleDevice
{
    /// <summary>Major number.</summary>
    [JsonPropertyName("major")]
    public long Major { get; set; }

    /// <summary>Minor number.</summary>
    [JsonPropertyName("minor")]
    public long Minor { get; set; }

    /// <summary>Bytes or operations a second.</summary>
    [JsonPropertyName("rate")]
    public ulong Rate { get; set; }
}
