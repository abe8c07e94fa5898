namespace Tare.Linux.Cgroups;

/// <summary>What a group uses at one instant. 0 where the controller is missing.</summary>
public sealed record CgroupUsage
{
    /// <summary>Memory in use, in bytes, page cache included.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Page cache that could be dropped at once (inactive_file), in bytes: Docker subtracts it from the usage.</summary>
    public long MemoryInactiveFileBytes { get; init; }

    /// <summary>Memory limit in bytes; <see cref="long.MaxValue"/> for none.</summary>
    public long MemoryLimitBytes { get; init; } = long.MaxValue;

    /// <summary>Highest memory usage seen, in bytes; 0 where the kernel does not keep it.</summary>
    public long MemoryPeakBytes { get; init; }

    /// <summary>CPU time used, in nanoseconds.</summary>
    public long CpuNanoseconds { get; init; }

    /// <summary>CPU time in the kernel, in nanoseconds.</summary>
    public long CpuSystemNanoseconds { get; init; }

    /// <summary>CPU time in user space, in nanoseconds.</summary>
    public long CpuUserNanoseconds { get; init; }

    /// <summary>Periods in which CPU time could be used.</summary>
    public long CpuPeriods { get; init; }

    /// <summary>Periods in which the quota was used up.</summary>
    public long CpuThrottledPeriods { get; init; }

    /// <summary>Time spent waiting for quota, in nanoseconds.</summary>
    public long CpuThrottledNanoseconds { get; init; }

    /// <summary>Processes and threads.</summary>
    public long Pids { get; init; }

    /// <summary>Limit of processes and threads; <see cref="long.MaxValue"/> for none.</summary>
    public long PidsLimit { get; init; } = long.MaxValue;

    /// <summary>Bytes read from block devices.</summary>
    public long BlockReadBytes { get; init; }

    /// <summary>Bytes written to block devices.</summary>
    public long BlockWrittenBytes { get; init; }
}
