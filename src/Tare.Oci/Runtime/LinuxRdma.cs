using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>RDMA limits of a device.</summary>
public sealed class LinuxRdma
{
    /// <summary>Handles.</summary>
    [JsonPropertyName("hcaHandles")]
    public uint? HcaHandles { get; set; }

    /// <summary>Objects.</summary>
    [JsonPropertyName("hcaObjects")]
    public uint? HcaObjects { get; set; }
}
