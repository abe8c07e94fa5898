using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Memory limits in bytes; -1 is unlimited.</summary>
public sealed class LinuxMemory
{
    /// <summary>Memory.</summary>
    [JsonPropertyName("limit")]
    public long? Limit { get; set; }

    /// <summary>Soft limit.</summary>
    [JsonPropertyName("reservation")]
    public long? Reservation { get; set; }

    /// <summary>Memory and swap together.</summary>
    [JsonPropertyName("swap")]
    public long? Swap { get; set; }

    /// <summary>Kernel memory (cgroup v1, deprecated).</summary>
    [JsonPropertyName("kernel")]
    public long? Kernel { get; set; }

    /// <summary>TCP buffers (cgroup v1).</summary>
    [JsonPropertyName("kernelTCP")]
    public long? KernelTcp { get; set; }

    /// <summary>0 to 100 (cgroup v1).</summary>
    [JsonPropertyName("swappiness")]
    public ulong? Swappiness { get; set; }

    /// <summary>Stops instead of kills (cgroup v1).</summary>
    [JsonPropertyName("disableOOMKiller")]
    public bool? DisableOomKiller { get; set; }

    /// <summary>Accounts for children (cgroup v1).</summary>
    [JsonPropertyName("useHierarchy")]
    public bool? UseHierarchy { get; set; }

    /// <summary>Refuses a limit below the usage.</summary>
    [JsonPropertyName("checkBeforeUpdate")]
    public bool? CheckBeforeUpdate { get; set; }
}
