using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>What is specific to Linux (config-linux.md).</summary>
public sealed class LinuxSpec
{
    /// <summary>User ids of a new user namespace.</summary>
    [JsonPropertyName("uidMappings")]
    public List<IdMapping>? UidMappings { get; set; }

    /// <summary>Group ids of a new user namespace.</summary>
    [JsonPropertyName("gidMappings")]
    public List<IdMapping>? GidMappings { get; set; }

    /// <summary>Kernel parameters of the namespaces.</summary>
    [JsonPropertyName("sysctl")]
    public Dictionary<string, string>? Sysctl { get; set; }

    /// <summary>Limits, by cgroups.</summary>
    [JsonPropertyName("resources")]
    public LinuxResources? Resources { get; set; }

    /// <summary>Path of the cgroup: absolute below the mount, relative at the runtime's place, or slice:prefix:name.</summary>
    [JsonPropertyName("cgroupsPath")]
    public string? CgroupsPath { get; set; }

    /// <summary>Namespaces to make or to join; the rest is the runtime's.</summary>
    [JsonPropertyName("namespaces")]
    public List<LinuxNamespace>? Namespaces { get; set; }

    /// <summary>Device nodes to make.</summary>
    [JsonPropertyName("devices")]
    public List<LinuxDevice>? Devices { get; set; }

    /// <summary>Network devices to move into the container, by their names outside.</summary>
    [JsonPropertyName("netDevices")]
    public Dictionary<string, LinuxNetDevice>? NetDevices { get; set; }

    /// <summary>The system call filter.</summary>
    [JsonPropertyName("seccomp")]
    public LinuxSeccomp? Seccomp { get; set; }

    /// <summary>Propagation of the root mount: shared, slave, private, unbindable.</summary>
    [JsonPropertyName("rootfsPropagation")]
    public string? RootfsPropagation { get; set; }

    /// <summary>Paths made unreadable.</summary>
    [JsonPropertyName("maskedPaths")]
    public List<string>? MaskedPaths { get; set; }

    /// <summary>Paths made read-only.</summary>
    [JsonPropertyName("readonlyPaths")]
    public List<string>? ReadonlyPaths { get; set; }

    /// <summary>SELinux label of the mounts.</summary>
    [JsonPropertyName("mountLabel")]
    public string? MountLabel { get; set; }

    /// <summary>Cache and memory bandwidth allocation.</summary>
    [JsonPropertyName("intelRdt")]
    public LinuxIntelRdt? IntelRdt { get; set; }

    /// <summary>NUMA memory policy (set_mempolicy(2)).</summary>
    [JsonPropertyName("memoryPolicy")]
    public LinuxMemoryPolicy? MemoryPolicy { get; set; }

    /// <summary>Execution domain (personality(2)).</summary>
    [JsonPropertyName("personality")]
    public LinuxPersonality? Personality { get; set; }

    /// <summary>Clock offsets of a new time namespace: monotonic, boottime.</summary>
    [JsonPropertyName("timeOffsets")]
    public Dictionary<string, LinuxTimeOffset>? TimeOffsets { get; set; }
}
