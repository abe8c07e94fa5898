using Tare.Linux.Cgroups;

namespace Tare.Engine.Containers;

/// <summary>What a container uses at one instant; <see cref="Usage"/> is null for one that does not run.</summary>
public sealed record ContainerStatistics
{
    /// <summary>The container's id.</summary>
    public required string Id { get; init; }

    /// <summary>Its name, without a slash.</summary>
    public required string Name { get; init; }

    /// <summary>When it was read.</summary>
    public DateTimeOffset ReadAt { get; init; }

    /// <summary>What its cgroup uses.</summary>
    public CgroupUsage? Usage { get; init; }

    /// <summary>CPU time of each CPU in nanoseconds; empty where the kernel does not keep it (cgroup v2).</summary>
    public IReadOnlyList<ulong> CpuNanosecondsOfEach { get; init; } = [];

    /// <summary>The fields of memory.stat.</summary>
    public IReadOnlyList<KeyValuePair<string, ulong>> MemoryFields { get; init; } = [];

    /// <summary>Bytes transferred with block devices.</summary>
    public IReadOnlyList<BlockTransfer> BlockTransfers { get; init; } = [];

    /// <summary>What the machine's CPUs have done altogether, in nanoseconds; null when not read.</summary>
    public ulong? SystemCpuNanoseconds { get; init; }

    /// <summary>Number of CPUs.</summary>
    public int OnlineCpus { get; init; }

    /// <summary>Memory of the machine in bytes: the limit of a container that has none.</summary>
    public long MachineMemoryBytes { get; init; }

    /// <summary>Counters of each interface but the loopback: name, then received and sent bytes, packets, errors and dropped packets.</summary>
    public IReadOnlyList<(string Interface, IReadOnlyList<ulong> Counters)> Networks { get; init; } = [];
}
