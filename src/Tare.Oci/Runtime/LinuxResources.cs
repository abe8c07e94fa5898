using System.Text.Json.Serialization;

namespace Tare.Oci.Runtime;

/// <summary>Limits of a container (config-linux.md, Control groups).</summary>
public sealed class LinuxResources
{
    /// <summary>Device rules in their order.</summary>
    [JsonPropertyName("devices")]
    public List<LinuxDeviceRule>? Devices { get; set; }

    /// <summary>Memory.</summary>
    [JsonPropertyName("memory")]
    public LinuxMemory? Memory { get; set; }

    /// <summary>Processors.</summary>
    [JsonPropertyName("cpu")]
    public LinuxCpu? Cpu { get; set; }

    /// <summary>Number of processes.</summary>
    [JsonPropertyName("pids")]
    public LinuxPids? Pids { get; set; }

    /// <summary>Block devices.</summary>
    [JsonPropertyName("blockIO")]
    public LinuxBlockIo? BlockIo { get; set; }

    /// <summary>Huge pages.</summary>
    [JsonPropertyName("hugepageLimits")]
    public List<LinuxHugepageLimit>? HugepageLimits { get; set; }

    /// <summary>Class and priorities of packets (cgroup v1).</summary>
    [JsonPropertyName("network")]
    public LinuxNetwork? Network { get; set; }

    /// <summary>RDMA by device.</summary>
    [JsonPropertyName("rdma")]
    public Dictionary<string, LinuxRdma>? Rdma { get; set; }

    /// <summary>Files of cgroup v2 and their content.</summary>
    [JsonPropertyName("unified")]
    public Dictionary<string, string>? Unified { get; set; }
}
