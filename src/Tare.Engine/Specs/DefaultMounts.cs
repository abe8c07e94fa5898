using System.Globalization;
using Tare.Engine.Errors;
using Tare.Engine.Machine;
using Tare.Engine.Mounts;
using Tare.Engine.State;
using Tare.Engine.Validation;
using Tare.Oci.Runtime;

namespace Tare.Engine.Specs;

/// <summary>The mounts of a container: the kernel's file systems as Docker mounts them, the engine's files, and the user's.</summary>
internal static class DefaultMounts
{
    private static readonly string[] s_writableInReadonlyRoot = ["/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue"];

    /// <summary>All mounts in the order in which they are made.</summary>
    public static List<Mount> Build(SpecInputs inputs)
    {
        List<Mount> mounts = Kernel(inputs);
        AddShm(mounts, inputs);
        HashSet<string> users = [.. inputs.Mounts.Select(m => m.Destination)];
        mounts.RemoveAll(m => users.Contains(m.Destination) || (users.Contains("/dev") && m.Destination.StartsWith("/dev/", StringComparison.Ordinal)));
        if (inputs.Host.ReadonlyRootfs)
        {
            foreach (Mount mount in mounts.Where(m => !s_writableInReadonlyRoot.Contains(m.Destination) && !m.Options!.Contains("ro")))
            {
                mount.Options!.Add("ro");
            }
        }

        List<Mount> further = [.. inputs.Mounts.Select(m => Translate(m, inputs.Machine))];
        AddFile(further, "/etc/resolv.conf", inputs.ResolvConfPath, inputs, users);
        AddFile(further, "/etc/hostname", inputs.HostnamePath, inputs, users);
        AddFile(further, "/etc/hosts", inputs.HostsPath, inputs, users);
        mounts.AddRange(further.OrderBy(m => ContainerPath.Depth(m.Destination)));
        return mounts;
    }

    private static List<Mount> Kernel(SpecInputs inputs)
    {
        bool privileged = inputs.Host.Privileged;
        List<Mount> mounts =
        [
            New("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
            New("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
            New("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
            New("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev"),
            New("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev"),
        ];
        if (!privileged)
        {
            mounts[3].Options!.Add("ro");
        }

        if (!(SecurityOptions.Parse(inputs.Host.SecurityOpt).WritableCgroups ?? privileged))
        {
            mounts[4].Options!.Add("ro");
        }

        // A new mqueue shows the queues of the namespace it is mounted in, the host's too, whether or not the host has it mounted.
        mounts.Add(New("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"));

        return mounts;
    }

    private static void AddShm(List<Mount> mounts, SpecInputs inputs)
    {
        if (inputs.Host.IpcMode == "none")
        {
            return;
        }

        if (inputs.Host.IpcMode == "host")
        {
            mounts.Add(New("/dev/shm", "bind", "/dev/shm", "rbind", "nosuid", "noexec", "nodev"));
        }
        else if (inputs.IpcPid is { } pid)
        {
            // The other container's tmpfs is reached through its root: nothing of it is mounted on the host.
            mounts.Add(New("/dev/shm", "bind", string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/root/dev/shm"), "bind", "nosuid", "noexec", "nodev"));
        }
        else
        {
            string size = string.Create(CultureInfo.InvariantCulture, $"size={inputs.Host.ShmSize}");
            mounts.Add(New("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", size));
        }
    }

    private static void AddFile(List<Mount> mounts, string target, string? source, SpecInputs inputs, HashSet<string> users)
    {
        if (source is null || users.Contains(target))
        {
            return;
        }

        Mount mount = inputs.Host.ReadonlyRootfs ? New(target, "bind", source, "rbind", "rprivate", "ro") : New(target, "bind", source, "rbind", "rprivate");
        (mount.UidMappings, mount.GidMappings) = (inputs.Remap?.Uids, inputs.Remap?.Gids);
        mounts.Add(mount);
    }

    private static bool IsRecursivelyReadOnly(ContainerMount mount, MachineFacts machine) => machine.RecursiveReadOnly || !mount.ReadOnlyForceRecursive
        ? machine.RecursiveReadOnly && !mount.ReadOnlyNonRecursive
        : throw new EngineException(ErrorClass.FailedPrecondition, $"mount \"{mount.Destination}\" cannot be recursively read-only: that needs Linux 5.12 or later");

    private static Mount Translate(ContainerMount mount, MachineFacts machine)
    {
        if (mount.Type == "tmpfs")
        {
            return new Mount { Destination = mount.Destination, Type = "tmpfs", Source = "tmpfs", Options = TmpfsMountOptions.Effective(mount.TmpfsOptions) };
        }

        if (mount.Type == "image")
        {
            // An overlay needs two layers.
            return mount.Layers is [var only]
                ? New(mount.Destination, "bind", only, "rbind", "rprivate", "ro")
                : New(mount.Destination, "overlay", "overlay", ["ro", .. mount.Layers.Select(l => "lowerdir+=" + l)]);
        }

        Mount bind = New(mount.Destination, "bind", mount.Opened ?? mount.Source, mount.NonRecursive ? "bind" : "rbind", mount.Propagation.Length > 0 ? mount.Propagation : "rprivate");
        if (!mount.RW)
        {
            bind.Options!.Add(IsRecursivelyReadOnly(mount, machine) ? "rro" : "ro");
        }

        return bind;
    }

    private static Mount New(string destination, string type, string source, params string[] options) =>
        new() { Destination = destination, Type = type, Source = source, Options = [.. options] };
}
