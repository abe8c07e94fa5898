namespace Tare.Linux.Cgroups;

// CPU time, CPU sets, processes: sched-bwc.rst, sched-design-CFS.rst, cpusets(7), cgroup-v1/pids.rst, cgroup-v2.rst.
internal sealed partial class CgroupWriter
{
    private const ulong LeastPeriod = 1000;
    private const ulong MostPeriod = 1_000_000;
    private const ulong LeastShares = 2;
    private const ulong MostShares = 262_144;

    /// <summary>
    /// Version 2's weight for version 1's shares: a curve through (2, 1), (1024, 100) and (262144, 10000) on logarithmic axes, as crun 1.24
    /// and runc 1.4 have it, so that the default of one is the default of the other.
    /// </summary>
    internal static ulong WeightOfShares(ulong shares)
    {
        if (shares <= LeastShares)
        {
            return 1;
        }

        if (shares >= MostShares)
        {
            return 10_000;
        }

        double log = Math.Log2(shares);
        return (ulong)Math.Ceiling(Math.Pow(10, (((log * log) + (125 * log)) / 612.0) - (7.0 / 34.0)));
    }

    private void ApplyCpu(CgroupResources r)
    {
        if (r.CpuShares is { } shares)
        {
            RequireRange("cpu shares", "", shares, LeastShares, MostShares);
        }

        if (r.CpuPeriodMicroseconds is { } period)
        {
            RequireRange("cpu period", " µs", period, LeastPeriod, MostPeriod);
        }

        if (r.CpuQuotaMicroseconds is >= 0 and long quota)
        {
            RequireRange("cpu quota", " µs", (ulong)quota, LeastPeriod, long.MaxValue / 1000);
        }

        bool any = r.CpuShares is not null || r.CpuPeriodMicroseconds is not null || r.CpuQuotaMicroseconds is not null || r.CpuBurstMicroseconds is not null
            || r.CpuIdle is not null || r.CpuRealtimePeriodMicroseconds is not null || r.CpuRealtimeRuntimeMicroseconds is not null;
        if (!any)
        {
            return;
        }

        CgroupDirectory directory = Require("cpu", "a cpu limit");
        if (directory.Hierarchy.IsUnified)
        {
            ApplyCpuUnified(r, directory);
        }
        else
        {
            ApplyCpuLegacy(r, directory);
        }
    }

    private static void ApplyCpuLegacy(CgroupResources r, CgroupDirectory directory)
    {
        if (r.CpuIdle is { } idle)
        {
            Set(directory, "cpu.idle", Text(idle), "cpu idle");
        }

        if (r.CpuShares is { } shares)
        {
            Set(directory, "cpu.shares", Text(shares), "cpu shares");
        }

        if (r.CpuPeriodMicroseconds is { } period)
        {
            // With the old quota the new period may exceed what the parent grants: then the quota goes first.
            Errno errno = CgroupFile.TryWrite(directory["cpu.cfs_period_us"], Text(period));
            if (errno == Errno.EINVAL && r.CpuQuotaMicroseconds is { } early)
            {
                Set(directory, "cpu.cfs_quota_us", Text(early), "cpu quota");
                errno = CgroupFile.TryWrite(directory["cpu.cfs_period_us"], Text(period));
            }

            if (errno != Errno.None)
            {
                throw Refused(directory, "cpu.cfs_period_us", Text(period), "cpu period", errno);
            }
        }

        if (r.CpuQuotaMicroseconds is { } quota)
        {
            Set(directory, "cpu.cfs_quota_us", Text(quota < 0 ? -1 : quota), "cpu quota");
        }

        if (r.CpuBurstMicroseconds is { } burst)
        {
            Set(directory, "cpu.cfs_burst_us", Text(burst), "cpu burst");
        }

        ApplyRealtime(r, directory);
    }

    // The kernel refuses a period that is shorter than the runtime of the moment: the new runtime comes first then (as runc).
    private static void ApplyRealtime(CgroupResources r, CgroupDirectory directory)
    {
        bool periodIsLate = r.CpuRealtimePeriodMicroseconds is { } period && r.CpuRealtimeRuntimeMicroseconds is not null
            && CgroupFile.TryWrite(directory["cpu.rt_period_us"], Text(period)) == Errno.EINVAL;
        if (!periodIsLate && r.CpuRealtimePeriodMicroseconds is { } first)
        {
            Set(directory, "cpu.rt_period_us", Text(first), "cpu real-time period");
        }

        if (r.CpuRealtimeRuntimeMicroseconds is { } runtime)
        {
            Set(directory, "cpu.rt_runtime_us", Text(runtime), "cpu real-time runtime");
        }

        if (periodIsLate)
        {
            Set(directory, "cpu.rt_period_us", Text(r.CpuRealtimePeriodMicroseconds!.Value), "cpu real-time period");
        }
    }

    private static void ApplyCpuUnified(CgroupResources r, CgroupDirectory directory)
    {
        if (r.CpuRealtimePeriodMicroseconds is not null || r.CpuRealtimeRuntimeMicroseconds is not null)
        {
            throw new CgroupException("set cpu real-time limits: cgroup version 2 has none");
        }

        if (r.CpuIdle is { } idle)
        {
            Set(directory, "cpu.idle", Text(idle), "cpu idle");
        }

        // An idle group has no weight of its own, and the kernel refuses one.
        if (r.CpuShares is { } shares && r.CpuIdle is null or 0)
        {
            Set(directory, "cpu.weight", Text(WeightOfShares(r.CpuShares.Value)), "cpu weight");
        }

        if (r.CpuQuotaMicroseconds is not null || r.CpuPeriodMicroseconds is not null)
        {
            string quota = r.CpuQuotaMicroseconds is { } q ? MaxOr(q) : CgroupFile.TryRead(directory["cpu.max"])?.Split(' ')[0] ?? "max";
            Set(directory, "cpu.max", r.CpuPeriodMicroseconds is { } period ? $"{quota} {Text(period)}" : quota, "cpu quota");
        }

        if (r.CpuBurstMicroseconds is { } burst)
        {
            Set(directory, "cpu.max.burst", Text(burst), "cpu burst");
        }
    }

    private void ApplyCpuset(CgroupResources r)
    {
        if (string.IsNullOrEmpty(r.CpusetCpus) && string.IsNullOrEmpty(r.CpusetMems))
        {
            return;
        }

        CgroupDirectory directory = Require("cpuset", "a cpu set");
        if (!string.IsNullOrEmpty(r.CpusetCpus))
        {
            Set(directory, "cpuset.cpus", r.CpusetCpus, "cpus");
        }

        if (!string.IsNullOrEmpty(r.CpusetMems))
        {
            Set(directory, "cpuset.mems", r.CpusetMems, "memory nodes");
        }
    }

    private void ApplyPids(CgroupResources r)
    {
        if (r.PidsLimit is not { } limit || (limit < 0 && cgroup.Find("pids") is null))
        {
            return;
        }

        Set(Require("pids", "a limit of processes"), "pids.max", MaxOr(limit), "limit of processes");
    }
}
