using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>A namespace to make, or to join by path.</summary>
public sealed class LinuxNamespace
{
    /// <summary>pid, network, mount, ipc, uts, user, cgroup or time.</summary>
    [JsonPropertyName("type")]
    public string Type { get; set; } = "";

    /// <summary>File of the namespace to join; null makes a new one.</summary>
    [JsonPropertyName("path")]
    public string? Path { get; set; }
}
