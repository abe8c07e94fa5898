using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Priority of an interface.</summary>
public sealed class LinuxInterfacePriority
{
    /// <summary>Interface.</summary>
    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    /// <summary>Priority.</summary>
    [JsonPropertyName("priority")]
    public uint Priority { get; set; }
}
