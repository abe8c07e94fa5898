using System.Runtime.InteropServices;
using Tare.Engine.Containers;
using Tare.Engine.Devices;
using Tare.Engine.Lifecycle;

namespace Tare.Engine.Machine;

/// <summary>The machine and this daemon.</summary>
public sealed class SystemService
{
    private readonly EngineParts _parts;
    private readonly string _id;

    internal SystemService(EngineParts parts, string id)
    {
        _parts = parts;
        _id = id;
    }

    /// <summary>Id of this daemon.</summary>
    internal string Id => _id;

    /// <summary>Version of the machine's cgroups: 1 or 2.</summary>
    public int CgroupVersion => _parts.Machine.CgroupVersion;

    /// <summary>Collects what <c>info</c> shows.</summary>
    public SystemInformation Information()
    {
        List<ContainerStatus> states = [.. _parts.Containers.All.Select(c => c.State.Status)];
        int running = states.Count(s => s == ContainerStatus.Running);
        int paused = states.Count(s => s == ContainerStatus.Paused);
        MachineFacts machine = _parts.Machine;
        (string name, string version) = OsRelease.Read("/etc/os-release");
        return new SystemInformation
        {
            Id = _id,
            Containers = states.Count,
            ContainersRunning = running,
            ContainersPaused = paused,
            ContainersStopped = states.Count - running - paused,
            Images = _parts.Images.All.Count,
            CgroupVersion = machine.CgroupVersion,
            KernelVersion = OsRelease.ReadText("/proc/sys/kernel/osrelease"),
            OperatingSystem = name,
            OsVersion = version,
            Architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64",
            Cpus = machine.Cpus,
            MemoryBytes = OsRelease.MemoryBytes(),
            HostName = Environment.MachineName,
            DataRoot = _parts.Paths.DataRoot,
            BackingFileSystem = OsRelease.FileSystemOf(_parts.Paths.DataRoot),
            SecurityOptions = SecurityOptions(machine, _parts.Remap is not null),
            MemoryLimit = machine.Memory,
            SwapLimit = machine.Swap,
            CpuCfs = machine.CpuQuota,
            CpuShares = machine.CpuShares,
            CpuSet = machine.CpuSet,
            PidsLimit = machine.Pids,
            IPv4Forwarding = OsRelease.ReadText("/proc/sys/net/ipv4/ip_forward") == "1",
            FileDescriptors = Directory.GetFiles("/proc/self/fd").Length,
            Threads = Directory.GetDirectories("/proc/self/task").Length,
            EventListeners = _parts.Events.Listeners,
            InsecureRegistries = _parts.Options.InsecureRegistries,
            RegistryMirrors = _parts.Options.RegistryMirrors,
            CdiFolders = _parts.Options.CdiFoldersInUse,
            CdiDevices = [.. CdiDevices.Read(_parts.Options.CdiFoldersInUse).Names],
            Warnings = Warnings(machine, _parts.Options.OpenAddresses),
        };
    }

    private static List<string> SecurityOptions(MachineFacts machine, bool isRemapped)
    {
        List<string> options = machine.AppArmor ? ["name=apparmor", "name=seccomp,profile=builtin"] : ["name=seccomp,profile=builtin"];
        if (isRemapped)
        {
            options.Add("name=userns");
        }

        if (machine.CgroupVersion == 2)
        {
            options.Add("name=cgroupns");
        }

        return options;
    }

    private static List<string> Warnings(MachineFacts machine, IReadOnlyList<string> openAddresses)
    {
        (bool Present, string What)[] features =
        [
            (machine.Memory, "memory limit"), (machine.Swap, "swap limit"), (machine.CpuShares, "cpu shares"), (machine.CpuQuota, "cpu cfs quota"),
            (machine.CpuSet, "cpuset"), (machine.Pids, "pids limit"),
        ];
        return
        [
            .. openAddresses.Select(address => $"WARNING: API is accessible on {address} without {(address.StartsWith("https:", StringComparison.Ordinal) ? "TLS client verification" : "encryption")}.\n"
                + "         Access to the remote API is equivalent to root access on the host."),
            .. features.Where(f => !f.Present).Select(f => $"WARNING: No {f.What} support"),
        ];
    }
}
