using Tare.Linux.Cgroups;
using Tare.Oci.Runtime;
using Tare.Runtime.Plan;

namespace Tare.Runtime.Cgroups;

/// <summary>
/// The limits of a container as properties of its unit (systemd.resource-control(5)). They are written to the cgroup's files as well; the unit has
/// them so that systemd does not take them back when it is reloaded.
/// </summary>
internal static class SystemdProperties
{
    private const ulong Infinity = ulong.MaxValue;
    private const ulong SecondMicroseconds = 1_000_000;
    private const ulong UsualPeriod = 100_000;
    private const ulong Granularity = 10_000; // systemd rounds quotas down to whole percents
    private const int MostProcessors = 8192;

    /// <summary>The properties.</summary>
    /// <param name="resources">The limits.</param>
    /// <param name="unified">Whether only the unified hierarchy is there; names and scales differ.</param>
    public static List<SystemdProperty> Of(LinuxResources? resources, bool unified)
    {
        List<SystemdProperty> properties = [];
        if (resources?.Memory is { } memory)
        {
            Add(properties, unified ? "MemoryMax" : "MemoryLimit", memory.Limit);
            if (unified)
            {
                Add(properties, "MemoryLow", memory.Reservation);
                Add(properties, "MemorySwapMax", memory is { Swap: > 0, Limit: > 0 } ? memory.Swap - memory.Limit : memory.Swap);
            }
        }

        if (resources?.Cpu is { } cpu)
        {
            AddCpu(properties, cpu, unified);
        }

        if (resources?.BlockIo?.Weight is > 0 and { } weight)
        {
            properties.Add(unified
                ? SystemdProperty.Of("IOWeight", 1 + ((ulong)(weight - 10) * 9999 / 990))
                : SystemdProperty.Of("BlockIOWeight", (ulong)weight));
        }

        if (resources?.Pids?.Limit is { } pids)
        {
            properties.Add(SystemdProperty.Of("TasksMax", pids < 0 ? Infinity : (ulong)pids));
        }

        return properties;
    }

    private static void AddCpu(List<SystemdProperty> properties, LinuxCpu cpu, bool unified)
    {
        if (cpu.Shares is > 0 and { } shares)
        {
            properties.Add(unified ? SystemdProperty.Of("CPUWeight", CgroupResources.WeightOfShares(shares)) : SystemdProperty.Of("CPUShares", shares));
        }

        if (cpu.Period is > 0 and { } period)
        {
            properties.Add(SystemdProperty.Of("CPUQuotaPeriodUSec", period));
        }

        if (cpu.Quota is { } quota and not 0)
        {
            ulong perSecond = quota < 0 ? Infinity : (ulong)((UInt128)quota * SecondMicroseconds / (cpu.Period is > 0 and { } given ? given : UsualPeriod));
            properties.Add(SystemdProperty.Of("CPUQuotaPerSecUSec", quota < 0 ? Infinity : (perSecond + Granularity - 1) / Granularity * Granularity));
        }

        if (unified)
        {
            AddMask(properties, "AllowedCPUs", cpu.Cpus);
            AddMask(properties, "AllowedMemoryNodes", cpu.Mems);
        }
    }

    private static void Add(List<SystemdProperty> properties, string name, long? value)
    {
        if (value is not (null or 0))
        {
            properties.Add(SystemdProperty.Of(name, value < 0 ? Infinity : (ulong)value));
        }
    }

    private static void AddMask(List<SystemdProperty> properties, string name, string? list)
    {
        if (!string.IsNullOrEmpty(list))
        {
            byte[] bytes = [.. SchedulingSteps.Mask(list, MostProcessors, name).SelectMany(BitConverter.GetBytes)];
            properties.Add(SystemdProperty.Of(name, bytes[..(Array.FindLastIndex(bytes, part => part != 0) + 1)]));
        }
    }
}
