using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>What the state command prints and hooks read (runtime.md, State).</summary>
public sealed class ContainerState
{
    /// <summary>Version of the specification.</summary>
    [JsonPropertyName("ociVersion")]
    public string OciVersion { get; set; } = "";

    /// <summary>The container's id.</summary>
    [JsonPropertyName("id")]
    public string Id { get; set; } = "";

    /// <summary>The first process outside; 0 when stopped.</summary>
    [JsonPropertyName("pid")]
    public int Pid { get; set; }

    /// <summary>creating, created, running, paused or stopped.</summary>
    [JsonPropertyName("status")]
    public string Status { get; set; } = "";

    /// <summary>Absolute path of the bundle.</summary>
    [JsonPropertyName("bundle")]
    public string Bundle { get; set; } = "";

    /// <summary>Absolute path of the root file system (as runc adds it).</summary>
    [JsonPropertyName("rootfs")]
    public string? Rootfs { get; set; }

    /// <summary>Time of creation, RFC 3339 (as runc adds it).</summary>
    [JsonPropertyName("created")]
    public string? Created { get; set; }

    /// <summary>User that created it (as runc adds it).</summary>
    [JsonPropertyName("owner")]
    public string? Owner { get; set; }

    /// <summary>Annotations of the configuration.</summary>
    [JsonPropertyName("annotations")]
    public Dictionary<string, string>? Annotations { get; set; }
}
