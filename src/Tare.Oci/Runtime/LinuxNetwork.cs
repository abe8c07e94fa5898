using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Packet class and priorities.</summary>
public sealed class LinuxNetwork
{
    /// <summary>net_cls.classid.</summary>
    [JsonPropertyName("classID")]
    public uint? ClassId { get; set; }

    /// <summary>net_prio.ifpriomap.</summary>
    [JsonPropertyName("priorities")]
    public List<LinuxInterfacePriority>? Priorities { get; set; }
}
