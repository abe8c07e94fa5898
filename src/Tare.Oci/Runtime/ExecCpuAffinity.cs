using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>CPU affinity of executed processes (config.md, execCPUAffinity).</summary>
public sealed class ExecCpuAffinity
{
    /// <summary>List of CPUs before the process joins its cgroup.</summary>
    [JsonPropertyName("initial")]
    public string? Initial { get; set; }

    /// <summary>List of CPUs after it joined.</summary>
    [JsonPropertyName("final")]
    public string? Final { get; set; }
}
