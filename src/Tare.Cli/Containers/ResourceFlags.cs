using Tare.Cli.CommandLine;

namespace Tare.Cli.Containers;

/// <summary>The options of run and create that limit what a container may use.</summary>
internal sealed class ResourceFlags(FlagSet flags)
{
    public ValueFlag<long> Memory { get; } = flags.Bytes("memory", 'm', "Memory limit");
    public ValueFlag<long> MemorySwap { get; } = flags.Add(
        new ValueFlag<long>("memory-swap", '\0', "bytes", "Limit of memory and swap together: '-1' for unlimited swap", 0, ByteSize.ParseOrUnlimited));
    public ValueFlag<long> MemoryReservation { get; } = flags.Bytes("memory-reservation", '\0', "Soft memory limit");
    public ValueFlag<long> KernelMemory { get; } = flags.Bytes("kernel-memory", '\0', "Kernel memory limit");
    public ValueFlag<long> MemorySwappiness { get; } = flags.Integer("memory-swappiness", '\0', "How readily memory is swapped (0 to 100)", -1);
    public ValueFlag<bool> OomKillDisable { get; } = flags.Switch("oom-kill-disable", '\0', "Disable the OOM killer");
    public ValueFlag<long> OomScoreAdjustment { get; } = flags.Integer("oom-score-adj", '\0', "Preference of the host's OOM killer (-1000 to 1000)");
    public ValueFlag<long> NanoCpus { get; } = flags.Add(new ValueFlag<long>("cpus", '\0', "decimal", "Number of CPUs", 0, FlagValues.NanoCpus));
    public ValueFlag<long> CpuPeriod { get; } = flags.Integer("cpu-period", '\0', "Period of the CPU scheduler's limit, in microseconds");
    public ValueFlag<long> CpuQuota { get; } = flags.Integer("cpu-quota", '\0', "CPU time per period, in microseconds");
    public ValueFlag<long> CpuRealtimePeriod { get; } = flags.Integer("cpu-rt-period", '\0', "Period of the real-time limit, in microseconds");
    public ValueFlag<long> CpuRealtimeRuntime { get; } = flags.Integer("cpu-rt-runtime", '\0', "Real-time CPU time per period, in microseconds");
    public ValueFlag<long> CpuShares { get; } = flags.Integer("cpu-shares", 'c', "CPU shares (relative weight)");
    public ValueFlag<string> CpusetCpus { get; } = flags.Text("cpuset-cpus", '\0', "CPUs that may be used (0-3, 0,1)");
    public ValueFlag<string> CpusetMems { get; } = flags.Text("cpuset-mems", '\0', "Memory nodes that may be used (0-3, 0,1)");
    public ValueFlag<long> PidsLimit { get; } = flags.Integer("pids-limit", '\0', "Number of processes (-1 for unlimited)");
    public ValueFlag<int> BlkioWeight { get; } = flags.Add(
        new ValueFlag<int>("blkio-weight", '\0', "uint16", "Block IO weight, between 10 and 1000, or 0 for none", 0, FlagValues.UnsignedShort));
    public ListFlag<DeviceRate> BlkioWeightDevices { get; } = Device(flags, "blkio-weight-device", "Block IO weight of a device", DeviceRate.ParseWeight);
    public ListFlag<DeviceRate> DeviceReadBps { get; } = Device(flags, "device-read-bps", "Bytes per second read from a device", DeviceRate.ParseBytes);
    public ListFlag<DeviceRate> DeviceWriteBps { get; } = Device(flags, "device-write-bps", "Bytes per second written to a device", DeviceRate.ParseBytes);
    public ListFlag<DeviceRate> DeviceReadIops { get; } = Device(flags, "device-read-iops", "Read operations per second of a device", DeviceRate.ParseOperations);
    public ListFlag<DeviceRate> DeviceWriteIops { get; } = Device(flags, "device-write-iops", "Write operations per second of a device", DeviceRate.ParseOperations);
    public ValueFlag<string> NetworkIngress { get; } = flags.Text("network-ingress", '\0', "Bandwidth that the container receives at most (10mbit)");
    public ValueFlag<string> NetworkEgress { get; } = flags.Text("network-egress", '\0', "Bandwidth that the container sends at most (5mbit)");
    public ValueFlag<string> CgroupParent { get; } = flags.Text("cgroup-parent", '\0', "Parent cgroup of the container");

    private static ListFlag<DeviceRate> Device(FlagSet flags, string name, string description, Func<string, DeviceRate> parse) =>
        flags.Add(new ListFlag<DeviceRate>(name, '\0', "list", description, parse));
}
