using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Weight of a block device.</summary>
public sealed class LinuxWeightDevice
{
    /// <summary>Major number.</summary>
    [JsonPropertyName("major")]
    public long Major { get; set; }

    /// <summary>Minor number.</summary>
    [JsonPropertyName("minor")]
    public long Minor { get; set; }

    /// <summary>10 to 1000.</summary>
    [JsonPropertyName("weight")]
    public ushort? Weight { get; set; }

    /// <summary>10 to 1000.</summary>
    [JsonPropertyName("leafWeight")]
    public ushort? LeafWeight { get; set; }
}
