using System.Globalization;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Machine;

namespace Tare.Engine.Validation;

/// <summary>Checks a container's limits as dockerd does: a wrong one is refused in its words, one that the kernel does not know is discarded with its warning.</summary>
internal static class ResourceValidator
{
    private const long SmallestMemoryBytes = 6L << 20;

    /// <summary>Checks and, where something is discarded, changes the limits.</summary>
    /// <exception cref="EngineException">InvalidArgument: a limit is wrong.</exception>
    /// <param name="host">The limits; changed.</param>
    /// <param name="machine">What the kernel offers.</param>
    /// <param name="warnings">Takes the warnings.</param>
    public static void Check(HostConfig host, MachineFacts machine, List<string> warnings)
    {
        Discard(host, machine, warnings);
        CheckMemory(host);
        CheckCpu(host, machine);
        CheckCpuSet("cpuset cpus", "CPUs", host.CpusetCpus, machine.AvailableCpus);
        CheckCpuSet("cpuset mems", "memory nodes", host.CpusetMems, machine.AvailableMems);
        CheckBlkio(host);
        if (host.OomScoreAdj is < -1000 or > 1000)
        {
            EngineErrors.ThrowInvalid($"Invalid value {host.OomScoreAdj}, range for oom score adj is [-1000, 1000]");
        }

        if (host.ShmSize < 0)
        {
            EngineErrors.ThrowInvalid("SHM size can not be less than 0");
        }

        if (host.OomKillDisable == true && host.Memory == 0)
        {
            warnings.Add("OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.");
        }
    }

    private static void Discard(HostConfig host, MachineFacts machine, List<string> warnings)
    {
        const string Reason = "or the cgroup is not mounted.";
        if (host.Memory > 0 && !machine.Memory)
        {
            warnings.Add($"Your kernel does not support memory limit capabilities {Reason} Limitation discarded.");
            (host.Memory, host.MemorySwap) = (0, -1);
        }

        if (host.Memory > 0 && host.MemorySwap != -1 && !machine.Swap)
        {
            warnings.Add($"Your kernel does not support swap limit capabilities {Reason} Memory limited without swap.");
            host.MemorySwap = -1;
        }

        if (host.MemorySwappiness is not null && !machine.Swappiness)
        {
            warnings.Add("Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.");
            host.MemorySwappiness = null;
        }

        if (host.MemoryReservation > 0 && !machine.Memory)
        {
            warnings.Add($"Your kernel does not support memory soft limit capabilities {Reason} Limitation discarded.");
            host.MemoryReservation = 0;
        }

        if (host.OomKillDisable == true && !machine.OomKillDisable)
        {
            warnings.Add("Your kernel does not support OomKillDisable. OomKillDisable discarded.");
        }

        host.OomKillDisable = machine.OomKillDisable ? host.OomKillDisable : null;

        if (host.PidsLimit is not null && !machine.Pids)
        {
            warnings.Add($"Your kernel does not support PIDs limit capabilities {Reason} PIDs limit discarded.");
            host.PidsLimit = null;
        }

        // Docker took the limit of kernel memory away without a word.
        host.KernelMemory = 0;

        DiscardCpu(host, machine, warnings);
        DiscardBlkio(host, machine, warnings);
    }

    private static void DiscardCpu(HostConfig host, MachineFacts machine, List<string> warnings)
    {
        if (host.CpuShares > 0 && !machine.CpuShares)
        {
            warnings.Add("Your kernel does not support CPU shares or the cgroup is not mounted. Shares discarded.");
            host.CpuShares = 0;
        }

        if ((host.CpuPeriod != 0 || host.CpuQuota != 0) && !machine.CpuQuota)
        {
            warnings.Add("Your kernel does not support CPU CFS scheduler or the cgroup is not mounted. Period and quota discarded.");
            (host.CpuPeriod, host.CpuQuota) = (0, 0);
        }

        if ((host.CpusetCpus.Length > 0 || host.CpusetMems.Length > 0) && !machine.CpuSet)
        {
            warnings.Add("Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded.");
            (host.CpusetCpus, host.CpusetMems) = ("", "");
        }
    }

    private static void DiscardBlkio(HostConfig host, MachineFacts machine, List<string> warnings)
    {
        const string Prefix = "Your kernel does not support";
        if (host.BlkioWeight > 0 && !machine.BlkioWeight)
        {
            warnings.Add($"{Prefix} Block I/O weight or the cgroup is not mounted. Weight discarded.");
            host.BlkioWeight = 0;
        }

        if (host.BlkioWeightDevice is { Count: > 0 } && !machine.BlkioWeight)
        {
            warnings.Add($"{Prefix} Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.");
            host.BlkioWeightDevice = [];
        }

        if (machine.BlkioThrottle)
        {
            return;
        }

        host.BlkioDeviceReadBps = DiscardThrottle(host.BlkioDeviceReadBps, "BPS Block I/O read limit", "Block I/O BPS read limit", warnings);
        host.BlkioDeviceWriteBps = DiscardThrottle(host.BlkioDeviceWriteBps, "BPS Block I/O write limit", "Block I/O BPS write limit", warnings);
        host.BlkioDeviceReadIOps = DiscardThrottle(host.BlkioDeviceReadIOps, "IOPS Block read limit", "Block I/O IOPS read limit", warnings);
        host.BlkioDeviceWriteIOps = DiscardThrottle(host.BlkioDeviceWriteIOps, "IOPS Block write limit", "Block I/O IOPS write limit", warnings);
    }

    private static List<ThrottleDevice>? DiscardThrottle(List<ThrottleDevice>? devices, string what, string discarded, List<string> warnings)
    {
        if (devices is { Count: > 0 })
        {
            warnings.Add($"Your kernel does not support {what} or the cgroup is not mounted. {discarded} discarded.");
            return [];
        }

        return devices;
    }

    private static void CheckMemory(HostConfig host)
    {
        if (host.Memory != 0 && host.Memory < SmallestMemoryBytes)
        {
            EngineErrors.ThrowInvalid("Minimum memory limit allowed is 6MB");
        }

        if (host.Memory > 0 && host.MemorySwap > 0 && host.MemorySwap < host.Memory)
        {
            EngineErrors.ThrowInvalid("Minimum memoryswap limit should be larger than memory limit, see usage");
        }

        if (host.Memory == 0 && host.MemorySwap > 0)
        {
            EngineErrors.ThrowInvalid("You should always set the Memory limit when using Memoryswap limit, see usage");
        }

        if (host.MemorySwappiness is < 0 or > 100)
        {
            EngineErrors.ThrowInvalid($"Invalid value: {host.MemorySwappiness}, valid memory swappiness range is 0-100");
        }

        if (host.MemoryReservation != 0 && host.MemoryReservation < SmallestMemoryBytes)
        {
            EngineErrors.ThrowInvalid("Minimum memory reservation allowed is 6MB");
        }

        if (host.Memory > 0 && host.MemoryReservation > host.Memory)
        {
            EngineErrors.ThrowInvalid("Minimum memory limit can not be less than memory reservation limit, see usage");
        }
    }

    private static void CheckCpu(HostConfig host, MachineFacts machine)
    {
        CheckRealtime(host, machine);
        if (host.NanoCpus != 0)
        {
            CheckNanoCpus(host, machine.Cpus);
        }

        if (host.CpuShares < 0)
        {
            EngineErrors.ThrowInvalid($"invalid CPU shares ({host.CpuShares}): value must be a positive integer");
        }

        if (host.CpuPeriod != 0 && host.CpuPeriod is < 1000 or > 1_000_000)
        {
            EngineErrors.ThrowInvalid("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
        }

        if (host.CpuQuota is > 0 and < 1000)
        {
            EngineErrors.ThrowInvalid("CPU cfs quota can not be less than 1ms (i.e. 1000)");
        }
    }

    private static void CheckRealtime(HostConfig host, MachineFacts machine)
    {
        if ((host.CpuRealtimePeriod != 0 || host.CpuRealtimeRuntime != 0) && !machine.CpuRealtime)
        {
            EngineErrors.ThrowInvalid("kernel does not support CPU real-time scheduler");
        }

        if (host.CpuRealtimePeriod != 0 && host.CpuRealtimeRuntime > host.CpuRealtimePeriod)
        {
            EngineErrors.ThrowInvalid("cpu real-time runtime cannot be higher than cpu real-time period");
        }
    }

    private static void CheckNanoCpus(HostConfig host, int cpus)
    {
        if (host.CpuPeriod > 0)
        {
            EngineErrors.ThrowInvalid("Conflicting options: Nano CPUs and CPU Period cannot both be set");
        }

        if (host.CpuQuota > 0)
        {
            EngineErrors.ThrowInvalid("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
        }

        if (host.NanoCpus < 0 || host.NanoCpus > cpus * 1_000_000_000L)
        {
            EngineErrors.ThrowInvalid(string.Create(CultureInfo.InvariantCulture, $"range of CPUs is from 0.01 to {cpus}.00, as there are only {cpus} CPUs available"));
        }
    }

    private static void CheckCpuSet(string kind, string plural, string requested, string available)
    {
        if (!CpuList.TryParse(requested, out SortedSet<int> wanted))
        {
            EngineErrors.ThrowInvalid($"Invalid value {requested} for {kind}: invalid format: {requested}");
        }

        if (CpuList.TryParse(available, out SortedSet<int> present) && present.Count > 0 && !wanted.IsSubsetOf(present))
        {
            EngineErrors.ThrowInvalid($"Requested {plural} are not available - requested {requested}, available: {available}");
        }
    }

    private static void CheckBlkio(HostConfig host)
    {
        const string Range = "Range of blkio weight is from 10 to 1000";
        if (host.BlkioWeight > 0 && host.BlkioWeight is < 10 or > 1000)
        {
            EngineErrors.ThrowInvalid(Range);
        }

        foreach (WeightDevice device in host.BlkioWeightDevice ?? [])
        {
            if (device.Weight is < 10 or > 1000)
            {
                EngineErrors.ThrowInvalid(Range);
            }
        }
    }
}
