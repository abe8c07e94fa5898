using System.Text.Json.Serialization;

namespace Tare.Engine.Containers;

/// <content>The limits (Docker Engine API, <c>Resources</c>). 0, null or an empty string means no limit unless said otherwise.</content>
public sealed partial class HostConfig
{
    /// <summary>Relative weight of CPU time; the kernel's default is 1024.</summary>
    public long CpuShares { get; set; }

    /// <summary>Memory limit in bytes; at least 6 MiB.</summary>
    public long Memory { get; set; }

    /// <summary>CPU limit in billionths of a CPU.</summary>
    public long NanoCpus { get; set; }

    /// <summary>Cgroup below which the container's is made; empty means the daemon's.</summary>
    public string CgroupParent { get; set => field = value ?? ""; } = "";

    /// <summary>Relative weight of block I/O, 10 to 1000.</summary>
    public ushort BlkioWeight { get; set; }

    /// <summary>Weights per device.</summary>
    public List<WeightDevice>? BlkioWeightDevice { get; set; }

    /// <summary>Read limits per device in bytes per second.</summary>
    public List<ThrottleDevice>? BlkioDeviceReadBps { get; set; }

    /// <summary>Write limits per device in bytes per second.</summary>
    public List<ThrottleDevice>? BlkioDeviceWriteBps { get; set; }

    /// <summary>Read limits per device in operations per second.</summary>
    public List<ThrottleDevice>? BlkioDeviceReadIOps { get; set; }

    /// <summary>Write limits per device in operations per second.</summary>
    public List<ThrottleDevice>? BlkioDeviceWriteIOps { get; set; }

    /// <summary>Period of the CPU limit in microseconds, 1000 to 1000000; 0 means 100000.</summary>
    public long CpuPeriod { get; set; }

    /// <summary>CPU time per period in microseconds; -1 means no limit.</summary>
    public long CpuQuota { get; set; }

    /// <summary>Period of real-time scheduling in microseconds (cgroup v1).</summary>
    public long CpuRealtimePeriod { get; set; }

    /// <summary>Real-time CPU time per period in microseconds (cgroup v1).</summary>
    public long CpuRealtimeRuntime { get; set; }

    /// <summary>CPUs to run on, as <c>0-3,7</c>.</summary>
    public string CpusetCpus { get; set => field = value ?? ""; } = "";

    /// <summary>Memory nodes to use, as <c>0,1</c>.</summary>
    public string CpusetMems { get; set => field = value ?? ""; } = "";

    /// <summary>Devices of the host in the container.</summary>
    public List<DeviceMapping>? Devices { get; set; }

    /// <summary>Rules of the device cgroup as <c>c 1:3 rwm</c>.</summary>
    public List<string>? DeviceCgroupRules { get; set; }

    /// <summary>Devices asked for by driver or capability, such as GPUs.</summary>
    public List<DeviceRequest>? DeviceRequests { get; set; }

    /// <summary>Memory that is protected from reclaim while the machine is short, in bytes; below <see cref="Memory"/>.</summary>
    public long MemoryReservation { get; set; }

    /// <summary>Memory and swap together in bytes; 0 means twice the memory limit, -1 no limit.</summary>
    public long MemorySwap { get; set; }

    /// <summary>Tendency to swap, 0 to 100; null or -1 leaves the kernel's.</summary>
    public long? MemorySwappiness { get; set; }

    /// <summary>Whether the OOM killer leaves the container alone (cgroup v1).</summary>
    public bool? OomKillDisable { get; set; }

    /// <summary>Number of tasks; null, 0 and -1 mean no limit.</summary>
    public long? PidsLimit { get; set; }

    /// <summary>Resource limits of the process.</summary>
    public List<Ulimit>? Ulimits { get; set; }

    /// <summary>What the container may receive, as <c>10mbit</c>; empty for no limit. Not in Docker's API; the label <c>tare.network.ingress</c> sets it too.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NetworkIngress { get; set; }

    /// <summary>What the container may send, as <c>5mbit</c>; empty for no limit. Not in Docker's API; the label <c>tare.network.egress</c> sets it too.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NetworkEgress { get; set; }

    /// <summary>Windows only; carried through.</summary>
    public long CpuCount { get; set; }

    /// <summary>Windows only; carried through.</summary>
    public long CpuPercent { get; set; }

    /// <summary>Windows only; carried through.</summary>
    public ulong IOMaximumIOps { get; set; }

    /// <summary>Windows only; carried through.</summary>
    public ulong IOMaximumBandwidth { get; set; }

    /// <summary>Kernel memory limit of cgroup v1; Docker removed it, and so it is ignored with a warning.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long KernelMemory { get; set; }

    /// <summary>Kernel TCP buffer limit of cgroup v1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long KernelMemoryTCP { get; set; }
}
