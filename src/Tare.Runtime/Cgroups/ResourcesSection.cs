using Tare.Linux.Cgroups;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Cgroups;

/// <summary>Understands the <c>linux.resources</c> section of the OCI configuration.</summary>
public static class ResourcesSection
{
    /// <summary>The limits that a section describes. A 0 means "not set" where runc takes it so: memory, cpu and block I/O numbers.</summary>
    /// <param name="section">The section.</param>
    /// <exception cref="ArgumentException">A value is wrong; the message quotes it.</exception>
    public static CgroupResources ToResources(LinuxResources section)
    {
        ArgumentNullException.ThrowIfNull(section);
        CgroupResources resources = new()
        {
            PidsLimit = section.Pids?.Limit,
            HugePages = [.. (section.HugepageLimits ?? []).Select(h => new HugePageLimit(h.PageSize, h.Limit))],
            Rdma = [.. (section.Rdma ?? []).Select(r => new RdmaLimit(r.Key, r.Value.HcaHandles, r.Value.HcaObjects))],
            NetworkClass = section.Network?.ClassId is > 0 and uint networkClass ? networkClass : null,
            NetworkPriorities = [.. (section.Network?.Priorities ?? []).Select(p => KeyValuePair.Create(p.Name, p.Priority))],
            Devices = section.Devices is { } devices ? [.. devices.Select(ToDevice)] : null,
            Unified = section.Unified,
        };
        AddMemory(resources, section.Memory);
        AddCpu(resources, section.Cpu);
        AddBlock(resources, section.BlockIo);
        return resources;
    }

    private static void AddMemory(CgroupResources resources, LinuxMemory? memory)
    {
        resources.MemoryLimitBytes = Set(memory?.Limit);
        resources.MemoryReservationBytes = Set(memory?.Reservation);
        resources.MemorySwapBytes = Set(memory?.Swap);
        resources.KernelTcpMemoryBytes = Set(memory?.KernelTcp);
        resources.MemorySwappiness = memory?.Swappiness;
        resources.DisableOomKiller = memory?.DisableOomKiller;
        resources.CheckMemoryBeforeUpdate = memory?.CheckBeforeUpdate ?? false;
    }

    private static void AddCpu(CgroupResources resources, LinuxCpu? cpu)
    {
        resources.CpuShares = Set(cpu?.Shares);
        resources.CpuQuotaMicroseconds = Set(cpu?.Quota);
        resources.CpuPeriodMicroseconds = Set(cpu?.Period);
        resources.CpuBurstMicroseconds = cpu?.Burst;
        resources.CpuRealtimeRuntimeMicroseconds = Set(cpu?.RealtimeRuntime);
        resources.CpuRealtimePeriodMicroseconds = Set(cpu?.RealtimePeriod);
        resources.CpuIdle = cpu?.Idle;
        resources.CpusetCpus = cpu?.Cpus;
        resources.CpusetMems = cpu?.Mems;
    }

    private static void AddBlock(CgroupResources resources, LinuxBlockIo? block)
    {
        if (block is null)
        {
            return;
        }

        resources.BlockWeight = block.Weight is > 0 and ushort weight ? weight : null;
        resources.BlockLeafWeight = block.LeafWeight is > 0 and ushort leaf ? leaf : null;
        resources.BlockWeightDevices = [.. (block.WeightDevice ?? []).Where(d => d.Weight > 0).Select(d => new BlockDeviceValue(d.Major, d.Minor, d.Weight!.Value))];
        resources.BlockReadBytes = Rates(block.ThrottleReadBpsDevice);
        resources.BlockWriteBytes = Rates(block.ThrottleWriteBpsDevice);
        resources.BlockReadOperations = Rates(block.ThrottleReadIopsDevice);
        resources.BlockWriteOperations = Rates(block.ThrottleWriteIopsDevice);
    }

    private static List<BlockDeviceValue> Rates(List<LinuxThrottleDevice>? devices) =>
        [.. (devices ?? []).Select(d => new BlockDeviceValue(d.Major, d.Minor, d.Rate))];

    private static CgroupDeviceRule ToDevice(LinuxDeviceRule rule)
    {
        char type = rule.Type switch
        {
            null or "" or "a" => 'a',
            "c" or "u" => 'c',
            "b" => 'b',
            _ => throw new ArgumentException($"resources.devices: unknown type \"{rule.Type}\""),
        };
        string access = string.IsNullOrEmpty(rule.Access) ? "rwm" : rule.Access;
        if (access.AsSpan().ContainsAnyExcept("rwm"))
        {
            throw new ArgumentException($"resources.devices: unknown access \"{access}\"");
        }

        // Negative numbers are how some callers write "every".
        return new CgroupDeviceRule(rule.Allow, type, rule.Major is >= 0 ? rule.Major : null, rule.Minor is >= 0 ? rule.Minor : null, access);
    }

    private static long? Set(long? value) => value is null or 0 ? null : value;

    private static ulong? Set(ulong? value) => value is null or 0 ? null : value;
}
