using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Commands;

/// <summary>The configuration that <c>spec</c> writes: the values are those of runc's.</summary>
internal static class DefaultSpec
{
    /// <summary>Makes it.</summary>
    /// <param name="unifiedCgroups">Whether only the unified cgroup hierarchy is mounted: then a cgroup namespace belongs to it (as runc).</param>
    public static RuntimeSpec Make(bool unifiedCgroups)
    {
        List<string> namespaces = ["pid", "network", "ipc", "uts", "mount"];
        if (unifiedCgroups)
        {
            namespaces.Add("cgroup");
        }

        List<string> capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];
        return new RuntimeSpec
        {
            OciVersion = SpecVersion.Current,
            Process = new ProcessSpec
            {
                Terminal = true,
                Args = ["sh"],
                Env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
                Cwd = "/",
                Capabilities = new CapabilitySets { Bounding = capabilities, Effective = capabilities, Permitted = capabilities },
                Rlimits = [new Rlimit { Type = "RLIMIT_NOFILE", Hard = 1024, Soft = 1024 }],
                NoNewPrivileges = true,
            },
            Root = new Root { Path = "rootfs", Readonly = true },
            Hostname = "runc",
            Mounts =
            [
                Mount("/proc", "proc", "proc"),
                Mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
                Mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
                Mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"),
                Mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
                Mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
                Mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro"),
            ],
            Linux = new LinuxSpec
            {
                Resources = new LinuxResources { Devices = [new LinuxDeviceRule { Allow = false, Access = "rwm" }] },
                Namespaces = [.. namespaces.Select(type => new LinuxNamespace { Type = type })],
                MaskedPaths =
                [
                    "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
                    "/sys/firmware", "/proc/scsi",
                ],
                ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
            },
        };
    }

    /// <summary>Changes it for a user without privileges: a user namespace with one id, no cgroups, no own network.</summary>
    public static void MakeRootless(RuntimeSpec spec, uint uid, uint gid)
    {
        LinuxSpec linux = spec.Linux!;
        linux.Namespaces = [.. linux.Namespaces!.Where(entry => entry.Type != "network"), new LinuxNamespace { Type = "user" }];
        linux.UidMappings = [new IdMapping { ContainerId = 0, HostId = uid, Size = 1 }];
        linux.GidMappings = [new IdMapping { ContainerId = 0, HostId = gid, Size = 1 }];
        linux.Resources = null;
        foreach (Mount mount in spec.Mounts!)
        {
            mount.Options = [.. (mount.Options ?? []).Where(option => !option.StartsWith("gid=", StringComparison.Ordinal) && !option.StartsWith("uid=", StringComparison.Ordinal))];
            if (mount.Type == "sysfs")
            {
                mount.Type = "none";
                mount.Source = "/sys";
                mount.Options = ["rbind", "nosuid", "noexec", "nodev", "ro", "rro"];
            }
        }
    }

    private static Mount Mount(string destination, string type, string source, params string[] options)
        => new() { Destination = destination, Type = type, Source = source, Options = options.Length == 0 ? null : [.. options] };
}
