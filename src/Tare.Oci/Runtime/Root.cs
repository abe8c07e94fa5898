using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>The root file system of a container (config.md, Root).</summary>
public sealed class Root
{
    /// <summary>Absolute, or relative to the bundle.</summary>
    [JsonPropertyName("path")]
    public string Path { get; set; } = "";

    /// <summary>Whether the root is read-only inside the container.</summary>
    [JsonPropertyName("readonly")]
    public bool Readonly { get; set; }
}
