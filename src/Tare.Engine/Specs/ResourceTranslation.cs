using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Linux.Files;
using Tare.Oci.Runtime;

namespace Tare.Engine.Specs;

/// <summary>Turns Docker's limits into OCI's.</summary>
internal static class ResourceTranslation
{
    private const long DefaultPeriodMicroseconds = 100_000;

    /// <summary>The resources without the device rules.</summary>
    /// <exception cref="EngineException">InvalidArgument: a block device does not exist.</exception>
    public static LinuxResources Translate(HostConfig host) => new()
    {
        Memory = Memory(host),
        Cpu = Cpu(host),
        Pids = host.PidsLimit is { } limit and > 0 ? new LinuxPids { Limit = limit } : null,
        BlockIo = BlockIo(host),
    };

    private static LinuxMemory? Memory(HostConfig host)
    {
        if (host is { Memory: 0, MemoryReservation: 0, MemorySwap: 0, MemorySwappiness: null } && host.OomKillDisable != true)
        {
            return null;
        }

        return new LinuxMemory
        {
            Limit = host.Memory > 0 ? host.Memory : null,
            Reservation = host.MemoryReservation > 0 ? host.MemoryReservation : null,
            Swap = host.MemorySwap != 0 && host.Memory > 0 ? host.MemorySwap : null,
            Swappiness = host.MemorySwappiness is { } swappiness ? (ulong)swappiness : null,
            DisableOomKiller = host.OomKillDisable == true ? true : null,
        };
    }

    private static LinuxCpu? Cpu(HostConfig host)
    {
        LinuxCpu cpu = new()
        {
            Shares = host.CpuShares > 0 ? (ulong)host.CpuShares : null,
            Cpus = host.CpusetCpus.Length > 0 ? host.CpusetCpus : null,
            Mems = host.CpusetMems.Length > 0 ? host.CpusetMems : null,
            Period = host.CpuPeriod > 0 ? (ulong)host.CpuPeriod : null,
            Quota = host.CpuQuota != 0 ? host.CpuQuota : null,
            RealtimePeriod = host.CpuRealtimePeriod > 0 ? (ulong)host.CpuRealtimePeriod : null,
            RealtimeRuntime = host.CpuRealtimeRuntime > 0 ? host.CpuRealtimeRuntime : null,
        };
        if (host.NanoCpus > 0)
        {
            cpu.Period = DefaultPeriodMicroseconds;
            cpu.Quota = host.NanoCpus * DefaultPeriodMicroseconds / 1_000_000_000;
        }

        bool empty = cpu is { Shares: null, Cpus: null, Mems: null, Period: null, Quota: null, RealtimePeriod: null, RealtimeRuntime: null };
        return empty ? null : cpu;
    }

    private static LinuxBlockIo? BlockIo(HostConfig host)
    {
        LinuxBlockIo io = new()
        {
            Weight = host.BlkioWeight > 0 ? host.BlkioWeight : null,
            WeightDevice = host.BlkioWeightDevice is { Count: > 0 } weights ? weights.ConvertAll(Weight) : null,
            ThrottleReadBpsDevice = Throttle(host.BlkioDeviceReadBps),
            ThrottleWriteBpsDevice = Throttle(host.BlkioDeviceWriteBps),
            ThrottleReadIopsDevice = Throttle(host.BlkioDeviceReadIOps),
            ThrottleWriteIopsDevice = Throttle(host.BlkioDeviceWriteIOps),
        };
        bool empty = io is
        {
            Weight: null,
            WeightDevice: null,
            ThrottleReadBpsDevice: null,
            ThrottleWriteBpsDevice: null,
            ThrottleReadIopsDevice: null,
            ThrottleWriteIopsDevice: null,
        };
        return empty ? null : io;
    }

    private static LinuxWeightDevice Weight(WeightDevice device)
    {
        (long major, long minor) = NumberOf(device.Path);
        return new LinuxWeightDevice { Major = major, Minor = minor, Weight = device.Weight };
    }

    private static List<LinuxThrottleDevice>? Throttle(List<ThrottleDevice>? devices)
    {
        if (devices is null or { Count: 0 })
        {
            return null;
        }

        return devices.ConvertAll(device =>
        {
            (long major, long minor) = NumberOf(device.Path);
            return new LinuxThrottleDevice { Major = major, Minor = minor, Rate = device.Rate };
        });
    }

    private static (long Major, long Minor) NumberOf(string path)
    {
        if (!FileStatus.TryGet(path, followLink: true, out FileStatus status))
        {
            throw EngineErrors.Late($"stat {path}: no such file or directory");
        }

        return (status.DeviceMajor, status.DeviceMinor);
    }
}
