using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Programs at the points of the lifecycle (config.md, POSIX-platform hooks).</summary>
public sealed class Hooks
{
    /// <summary>Deprecated: as createRuntime, before it.</summary>
    [JsonPropertyName("prestart")]
    public List<Hook>? Prestart { get; set; }

    /// <summary>During create, before pivot_root, in the runtime's namespaces.</summary>
    [JsonPropertyName("createRuntime")]
    public List<Hook>? CreateRuntime { get; set; }

    /// <summary>During create, before pivot_root, in the container's namespaces.</summary>
    [JsonPropertyName("createContainer")]
    public List<Hook>? CreateContainer { get; set; }

    /// <summary>During start, before the process, in the container.</summary>
    [JsonPropertyName("startContainer")]
    public List<Hook>? StartContainer { get; set; }

    /// <summary>After the process started, in the runtime's namespaces.</summary>
    [JsonPropertyName("poststart")]
    public List<Hook>? Poststart { get; set; }

    /// <summary>After the container was deleted, in the runtime's namespaces.</summary>
    [JsonPropertyName("poststop")]
    public List<Hook>? Poststop { get; set; }
}
