using System.Globalization;

namespace Tare.Linux.Cgroups;

// Reading what a group uses.
public sealed partial class Cgroup
{
    private const long NoLimitLegacy = long.MaxValue / 4096 * 4096;
    private const long NanosecondsPerTick = 10_000_000;

    /// <summary>What the group uses now.</summary>
    public CgroupUsage ReadUsage()
    {
        CgroupUsage usage = new();
        usage = Find("memory") is { } memory ? WithMemory(usage, memory) : usage;
        usage = Hierarchies.Mode == CgroupMode.V2 ? WithCpuUnified(usage) : WithCpuLegacy(usage);
        if (Find("pids") is { } pids)
        {
            usage = usage with { Pids = CgroupFile.TryReadNumber(pids["pids.current"]) ?? 0, PidsLimit = CgroupFile.TryReadNumber(pids["pids.max"]) ?? long.MaxValue };
        }

        return WithBlock(usage);
    }

    /// <summary>How many processes of the group the out-of-memory killer has ended (kernel 4.13); 0 without the memory controller.</summary>
    public long OutOfMemoryKills()
    {
        if (Find("memory") is not { } memory)
        {
            return 0;
        }

        string? text = CgroupFile.TryRead(memory[memory.Hierarchy.IsUnified ? "memory.events" : "memory.oom_control"]);
        return text is null ? 0 : CgroupFile.FieldOf(text, "oom_kill") ?? 0;
    }

    private static CgroupUsage WithMemory(CgroupUsage usage, CgroupDirectory directory)
    {
        bool unified = directory.Hierarchy.IsUnified;
        string statistics = CgroupFile.TryRead(directory["memory.stat"]) ?? "";
        long limit = CgroupFile.TryReadNumber(directory[unified ? "memory.max" : "memory.limit_in_bytes"]) ?? long.MaxValue;
        return usage with
        {
            MemoryBytes = CgroupFile.TryReadNumber(directory[unified ? "memory.current" : "memory.usage_in_bytes"]) ?? 0,
            MemoryPeakBytes = CgroupFile.TryReadNumber(directory[unified ? "memory.peak" : "memory.max_usage_in_bytes"]) ?? 0,
            MemoryLimitBytes = limit >= NoLimitLegacy ? long.MaxValue : limit,
            MemoryInactiveFileBytes = CgroupFile.FieldOf(statistics, unified ? "inactive_file" : "total_inactive_file") ?? 0,
        };
    }

    private CgroupUsage WithCpuUnified(CgroupUsage usage)
    {
        string text = Unified is { } unified ? CgroupFile.TryRead(unified["cpu.stat"]) ?? "" : "";
        return usage with
        {
            CpuNanoseconds = (CgroupFile.FieldOf(text, "usage_usec") ?? 0) * 1000,
            CpuUserNanoseconds = (CgroupFile.FieldOf(text, "user_usec") ?? 0) * 1000,
            CpuSystemNanoseconds = (CgroupFile.FieldOf(text, "system_usec") ?? 0) * 1000,
            CpuPeriods = CgroupFile.FieldOf(text, "nr_periods") ?? 0,
            CpuThrottledPeriods = CgroupFile.FieldOf(text, "nr_throttled") ?? 0,
            CpuThrottledNanoseconds = (CgroupFile.FieldOf(text, "throttled_usec") ?? 0) * 1000,
        };
    }

    private CgroupUsage WithCpuLegacy(CgroupUsage usage)
    {
        string text = Find("cpu") is { } cpu ? CgroupFile.TryRead(cpu["cpu.stat"]) ?? "" : "";
        CgroupDirectory? accounting = Find("cpuacct");
        string ticks = accounting is null ? "" : CgroupFile.TryRead(accounting["cpuacct.stat"]) ?? "";
        return usage with
        {
            CpuNanoseconds = accounting is null ? 0 : CgroupFile.TryReadNumber(accounting["cpuacct.usage"]) ?? 0,
            CpuUserNanoseconds = (CgroupFile.FieldOf(ticks, "user") ?? 0) * NanosecondsPerTick,
            CpuSystemNanoseconds = (CgroupFile.FieldOf(ticks, "system") ?? 0) * NanosecondsPerTick,
            CpuPeriods = CgroupFile.FieldOf(text, "nr_periods") ?? 0,
            CpuThrottledPeriods = CgroupFile.FieldOf(text, "nr_throttled") ?? 0,
            CpuThrottledNanoseconds = CgroupFile.FieldOf(text, "throttled_time") ?? 0,
        };
    }

    /// <summary>Bytes transferred with each block device.</summary>
    public List<BlockTransfer> BlockBytes()
    {
        List<BlockTransfer> recursive = BlockTransfers("blkio.throttle.io_service_bytes_recursive", "rbytes", "wbytes");
        // Before Linux 5.0 there was no sum over the groups below.
        return recursive.Count > 0 ? recursive : BlockTransfers("blkio.throttle.io_service_bytes", "rbytes", "wbytes");
    }

    /// <summary>Operations on each block device.</summary>
    public List<BlockTransfer> BlockOperations() => BlockTransfers("blkio.throttle.io_serviced_recursive", "rios", "wios");

    private CgroupUsage WithBlock(CgroupUsage usage)
    {
        List<BlockTransfer> transfers = BlockBytes();
        return usage with
        {
            BlockReadBytes = transfers.Where(transfer => transfer.Operation == "Read").Sum(transfer => transfer.Value),
            BlockWrittenBytes = transfers.Where(transfer => transfer.Operation == "Write").Sum(transfer => transfer.Value),
        };
    }

    // Version 1 has a file of lines "8:0 Read 4096", version 2 fields of io.stat: "8:0 rbytes=4096 wbytes=0 rios=1 …".
    private List<BlockTransfer> BlockTransfers(string legacyFile, string readField, string writeField)
    {
        List<BlockTransfer> transfers = [];
        CgroupDirectory? legacy = Find("blkio") is { Hierarchy.IsUnified: false } found ? found : null;
        string? path = legacy?[legacyFile] ?? Find("io")?["io.stat"];
        foreach (string[] words in ((path is null ? null : CgroupFile.TryRead(path)) ?? "").Split('\n').Select(line => line.Split(' ')).Where(words => words.Length > 1))
        {
            string[] device = words[0].Split(':');
            if (device.Length != 2)
            {
                continue; // the sum at the end of version 1's file
            }

            if (legacy is not null)
            {
                transfers.Add(new BlockTransfer(Number(device[0]), Number(device[1]), words[1], Number(words[^1])));
                continue;
            }

            foreach (string[] field in words.Skip(1).Select(word => word.Split('=')).Where(field => field[0] == readField || field[0] == writeField))
            {
                transfers.Add(new BlockTransfer(Number(device[0]), Number(device[1]), field[0] == readField ? "Read" : "Write", Number(field[^1])));
            }
        }

        return transfers;
    }

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0;
}
