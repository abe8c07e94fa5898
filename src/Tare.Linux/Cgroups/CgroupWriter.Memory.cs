namespace Tare.Linux.Cgroups;

// Memory and swap: kernel documentation cgroup-v1/memory.rst, cgroup-v2.rst.
internal sealed partial class CgroupWriter
{
    private void ApplyMemory(CgroupResources r)
    {
        bool any = r.MemoryLimitBytes is not null || r.MemoryReservationBytes is not null || r.MemorySwapBytes is not null
            || r.MemorySwappiness is not null || r.DisableOomKiller == true || r.KernelTcpMemoryBytes is not null;
        if (!any)
        {
            return;
        }

        CgroupDirectory directory = Require("memory", "a memory limit");
        if (r.CheckMemoryBeforeUpdate && r.MemoryLimitBytes is >= 0 and long limit)
        {
            long usage = CgroupFile.TryReadNumber(directory[directory.Hierarchy.IsUnified ? "memory.current" : "memory.usage_in_bytes"]) ?? 0;
            if (usage > limit)
            {
                throw new CgroupException($"set memory limit to {Text(limit)}: {Text(usage)} bytes are in use");
            }
        }

        if (directory.Hierarchy.IsUnified)
        {
            ApplyMemoryUnified(r, directory);
        }
        else
        {
            ApplyMemoryLegacy(r, directory);
        }
    }

    private static void ApplyMemoryLegacy(CgroupResources r, CgroupDirectory directory)
    {
        SetLimitAndSwap(r, directory);
        if (r.MemoryReservationBytes is { } reservation)
        {
            Set(directory, "memory.soft_limit_in_bytes", Text(reservation), "memory reservation");
        }

        if (r.KernelTcpMemoryBytes is { } tcp)
        {
            Set(directory, "memory.kmem.tcp.limit_in_bytes", Text(tcp), "kernel TCP memory limit");
        }

        if (r.DisableOomKiller == true)
        {
            Set(directory, "memory.oom_control", "1", "memory OOM killer off");
        }

        if (r.MemorySwappiness is { } swappiness)
        {
            RequireRange("memory swappiness", "", swappiness, 0, 100);
            Set(directory, "memory.swappiness", Text(swappiness), "memory swappiness");
        }
    }

    // memory+swap may never be below memory: raising needs swap first, lowering needs memory first. The kernel answers EINVAL to the wrong order.
    private static void SetLimitAndSwap(CgroupResources r, CgroupDirectory directory)
    {
        const string LimitFile = "memory.limit_in_bytes";
        const string SwapFile = "memory.memsw.limit_in_bytes";
        const string SwapName = "memory+swap limit";
        if (r.MemoryLimitBytes is { } limit)
        {
            Errno errno = CgroupFile.TryWrite(directory[LimitFile], Text(limit));
            if (errno == Errno.EINVAL && (r.MemorySwapBytes ?? (limit < 0 ? -1 : null)) is { } first)
            {
                Set(directory, SwapFile, Text(first), SwapName);
                errno = CgroupFile.TryWrite(directory[LimitFile], Text(limit));
            }

            if (errno == Errno.EBUSY)
            {
                long usage = CgroupFile.TryReadNumber(directory["memory.usage_in_bytes"]) ?? 0;
                throw new CgroupException($"set memory limit to {Text(limit)}: {Text(usage)} bytes are in use and cannot be reclaimed", new LinuxException(errno, "write", directory[LimitFile]));
            }

            if (errno != Errno.None)
            {
                throw Refused(directory, LimitFile, Text(limit), "memory limit", errno);
            }
        }

        if (r.MemorySwapBytes is { } swap)
        {
            if (r.MemoryLimitBytes is { } memory && swap >= 0 && (memory < 0 || swap < memory))
            {
                throw new CgroupException($"set {SwapName} to {Text(swap)}: it must not be below the memory limit ({Text(memory)})");
            }

            // A kernel without swap accounting has no such file: no limit is what it has already.
            Errno errno = CgroupFile.TryWrite(directory[SwapFile], Text(swap));
            if (errno != Errno.None && !(errno is Errno.ENOENT && swap < 0))
            {
                throw Refused(directory, SwapFile, Text(swap), SwapName, errno);
            }
        }
    }

    private static void ApplyMemoryUnified(CgroupResources r, CgroupDirectory directory)
    {
        // Version 2 counts swap alone. Unlimited memory without a word on swap means unlimited swap, as version 1 had it.
        if ((r.MemorySwapBytes ?? (r.MemoryLimitBytes is < 0 ? -1 : null)) is { } total)
        {
            long swap = total;
            if (total >= 0)
            {
                long memory = r.MemoryLimitBytes ?? CgroupFile.TryReadNumber(directory["memory.max"]) ?? long.MaxValue;
                swap = memory >= 0 && memory <= total
                    ? total - memory
                    : throw new CgroupException($"set memory+swap limit to {Text(total)}: it must not be below the memory limit ({MaxOr(memory == long.MaxValue ? -1 : memory)})");
            }

            Errno errno = CgroupFile.TryWrite(directory["memory.swap.max"], MaxOr(swap));
            if (errno != Errno.None && !(errno is Errno.ENOENT && swap <= 0))
            {
                throw Refused(directory, "memory.swap.max", MaxOr(swap), "swap limit", errno);
            }
        }

        if (r.MemoryLimitBytes is { } limit)
        {
            Set(directory, "memory.max", MaxOr(limit), "memory limit");
        }

        if (r.MemoryReservationBytes is { } reservation)
        {
            Set(directory, "memory.low", MaxOr(reservation), "memory reservation");
        }
    }
}
