using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Processor limits.</summary>
public sealed class LinuxCpu
{
    /// <summary>Weight, 2 to 262144; 1024 is the usual one.</summary>
    [JsonPropertyName("shares")]
    public ulong? Shares { get; set; }

    /// <summary>Microseconds of each period; -1 is unlimited.</summary>
    [JsonPropertyName("quota")]
    public long? Quota { get; set; }

    /// <summary>Microseconds that may be saved up.</summary>
    [JsonPropertyName("burst")]
    public ulong? Burst { get; set; }

    /// <summary>Microseconds.</summary>
    [JsonPropertyName("period")]
    public ulong? Period { get; set; }

    /// <summary>Microseconds of each real-time period.</summary>
    [JsonPropertyName("realtimeRuntime")]
    public long? RealtimeRuntime { get; set; }

    /// <summary>Microseconds.</summary>
    [JsonPropertyName("realtimePeriod")]
    public ulong? RealtimePeriod { get; set; }

    /// <summary>List of processors.</summary>
    [JsonPropertyName("cpus")]
    public string? Cpus { get; set; }

    /// <summary>List of memory nodes.</summary>
    [JsonPropertyName("mems")]
    public string? Mems { get; set; }

    /// <summary>1 makes the cgroup idle.</summary>
    [JsonPropertyName("idle")]
    public long? Idle { get; set; }
}
