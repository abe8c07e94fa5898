using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>How a moved network device is called inside.</summary>
public sealed class LinuxNetDevice
{
    /// <summary>Name inside the container; null keeps it.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; set; }
}
