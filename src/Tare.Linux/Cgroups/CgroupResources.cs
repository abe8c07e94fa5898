namespace Tare.Linux.Cgroups;

/// <summary>
/// Limits and weights of a control group, in the units of the kernel's version 1 files; version 2 values are derived. Null leaves a value as
/// it is. -1 means unlimited where a member says so.
/// </summary>
public sealed class CgroupResources
{
    /// <summary>Memory limit in bytes; -1 unlimited.</summary>
    public long? MemoryLimitBytes { get; set; }

    /// <summary>Soft memory limit in bytes (version 2: memory.low); -1 unlimited.</summary>
    public long? MemoryReservationBytes { get; set; }

    /// <summary>Memory plus swap in bytes; -1 unlimited.</summary>
    public long? MemorySwapBytes { get; set; }

    /// <summary>Limit of the kernel's TCP buffers in bytes (version 1 only); -1 unlimited.</summary>
    public long? KernelTcpMemoryBytes { get; set; }

    /// <summary>How readily pages are swapped, 0 to 100 (version 1 only).</summary>
    public ulong? MemorySwappiness { get; set; }

    /// <summary>Stops processes at the limit instead of killing them (version 1 only).</summary>
    public bool? DisableOomKiller { get; set; }

    /// <summary>Refuses a new limit that is below the present usage.</summary>
    public bool CheckMemoryBeforeUpdate { get; set; }

    /// <summary>Relative CPU share, 2 to 262144; the kernel's default is 1024.</summary>
    public ulong? CpuShares { get; set; }

    /// <summary>CPU time in microseconds per period, at least 1000; -1 unlimited.</summary>
    public long? CpuQuotaMicroseconds { get; set; }

    /// <summary>Length of a period in microseconds, 1000 to 1000000; the kernel's default is 100000.</summary>
    public ulong? CpuPeriodMicroseconds { get; set; }

    /// <summary>Unused CPU time that may be saved up, in microseconds (kernel 5.14).</summary>
    public ulong? CpuBurstMicroseconds { get; set; }

    /// <summary>Real-time CPU time in microseconds per real-time period (version 1 only).</summary>
    public long? CpuRealtimeRuntimeMicroseconds { get; set; }

    /// <summary>Length of a real-time period in microseconds (version 1 only).</summary>
    public ulong? CpuRealtimePeriodMicroseconds { get; set; }

    /// <summary>1 runs the group at SCHED_IDLE (kernel 5.15).</summary>
    public long? CpuIdle { get; set; }

    /// <summary>CPUs as a list: <c>0-2,7</c>.</summary>
    public string? CpusetCpus { get; set; }

    /// <summary>Memory nodes as a list.</summary>
    public string? CpusetMems { get; set; }

    /// <summary>Number of processes and threads; -1 unlimited.</summary>
    public long? PidsLimit { get; set; }

    /// <summary>Relative weight of block I/O, 10 to 1000.</summary>
    public ushort? BlockWeight { get; set; }

    /// <summary>Weight against child groups (version 1, CFQ only).</summary>
    public ushort? BlockLeafWeight { get; set; }

    /// <summary>Weights for single devices.</summary>
    public IReadOnlyList<BlockDeviceValue> BlockWeightDevices { get; set; } = [];

    /// <summary>Bytes per second that may be read.</summary>
    public IReadOnlyList<BlockDeviceValue> BlockReadBytes { get; set; } = [];

    /// <summary>Bytes per second that may be written.</summary>
    public IReadOnlyList<BlockDeviceValue> BlockWriteBytes { get; set; } = [];

    /// <summary>Reads per second.</summary>
    public IReadOnlyList<BlockDeviceValue> BlockReadOperations { get; set; } = [];

    /// <summary>Writes per second.</summary>
    public IReadOnlyList<BlockDeviceValue> BlockWriteOperations { get; set; } = [];

    /// <summary>Limits of huge pages.</summary>
    public IReadOnlyList<HugePageLimit> HugePages { get; set; } = [];

    /// <summary>Limits of RDMA resources.</summary>
    public IReadOnlyList<RdmaLimit> Rdma { get; set; } = [];

    /// <summary>Class of network packets (version 1 only).</summary>
    public uint? NetworkClass { get; set; }

    /// <summary>Priority of network packets by interface (version 1 only).</summary>
    public IReadOnlyList<KeyValuePair<string, uint>> NetworkPriorities { get; set; } = [];

    /// <summary>Device access list, in order; null leaves access as it is.</summary>
    public IReadOnlyList<CgroupDeviceRule>? Devices { get; set; }

    /// <summary>Files of the unified hierarchy to write as they are: <c>memory.high</c> → <c>1073741824</c>.</summary>
    public IReadOnlyDictionary<string, string>? Unified { get; set; }

    /// <summary>The weight that stands for shares in the unified hierarchy.</summary>
    /// <param name="shares">Shares of version 1, from 2 to 262144.</param>
    public static ulong WeightOfShares(ulong shares) => CgroupWriter.WeightOfShares(shares);
}
