using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>One mount (config.md, Mounts).</summary>
public sealed class Mount
{
    /// <summary>Where it appears, an absolute path inside the container.</summary>
    [JsonPropertyName("destination")]
    public string Destination { get; set; } = "";

    /// <summary>File system type; "bind" or the options bind and rbind for bind mounts.</summary>
    [JsonPropertyName("type")]
    public string? Type { get; set; }

    /// <summary>Device, name, or for bind mounts a path: absolute or relative to the bundle.</summary>
    [JsonPropertyName("source")]
    public string? Source { get; set; }

    /// <summary>Mount options as in fstab(5).</summary>
    [JsonPropertyName("options")]
    public List<string>? Options { get; set; }

    /// <summary>User ids of an idmapped mount; goes with gidMappings.</summary>
    [JsonPropertyName("uidMappings")]
    public List<IdMapping>? UidMappings { get; set; }

    /// <summary>Group ids of an idmapped mount; goes with uidMappings.</summary>
    [JsonPropertyName("gidMappings")]
    public List<IdMapping>? GidMappings { get; set; }
}
