using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Linux.Mounts;
using Tare.Oci.Runtime;

namespace Tare.Runtime.Plan;

/// <summary>
/// A mount of type cgroup: on version 2 the hierarchy; on version 1 and hybrid systems a small tmpfs with one directory per hierarchy and the
/// customary links (config-linux.md, "cgroup" mounts). With a cgroup namespace the hierarchies are mounted, without one the container sees
/// its own directory of each.
/// </summary>
internal sealed class CgroupMountSteps(PlanBuilder child, IReadOnlyList<CgroupView> cgroups, bool ownNamespace)
{
    /// <summary>Adds the steps.</summary>
    public void Mount(Slot root, Mount mount, MountOptions options)
    {
        Slot target = child.EnsureTarget(root, mount.Destination, directory: true);
        if (cgroups.All(cgroup => cgroup.IsUnified))
        {
            // Without a cgroup of its own the container sees an empty folder, and not what the host has there (CVE-2023-25809).
            child.Attach(cgroups.Count > 0
                ? Hierarchy(cgroups[0], options.Set, mount.Destination)
                : child.NewFileSystem("tmpfs", "tmpfs", [("mode", "555"), ("nr_inodes", "1")], options.Set | MountAttributes.ReadOnly, mount.Destination), target);
            return;
        }

        MountAttributes folder = options.Set & ~MountAttributes.ReadOnly;
        Slot tmpfs = child.NewFileSystem("tmpfs", "tmpfs", [("mode", "755")], folder, mount.Destination);
        child.Attach(tmpfs, target);
        Slot inside = child.NewSlot("cgroup folder");
        child.OpenInRoot(root, mount.Destination, Libc.O_PATH | Libc.O_DIRECTORY, inside);
        foreach (CgroupView cgroup in cgroups)
        {
            One(inside, cgroup, options, mount.Destination);
        }

        if ((options.Set & MountAttributes.ReadOnly) != 0)
        {
            child.SetAttributes(inside, mount.Destination, MountAttributes.ReadOnly, MountAttributes.None, 0, recursive: false);
        }
    }

    private void One(Slot inside, CgroupView cgroup, MountOptions options, string destination)
    {
        string path = $"{destination}/{cgroup.Name}";
        child.Call("mkdirat", Syscalls.MkdirAt, FileSteps.Quote(path), inside, child.Memory.String(cgroup.Name), 0x1ED); // 0755
        Slot place = child.NewSlot(path);
        child.OpenInRoot(inside, cgroup.Name, Libc.O_PATH | Libc.O_DIRECTORY, place);
        child.Attach(Hierarchy(cgroup, options.Set, path), place);
        if (!cgroup.IsUnified && cgroup.Controllers.Count > 1)
        {
            foreach (string controller in cgroup.Controllers)
            {
                child.Call("symlinkat", Syscalls.SymlinkAt, FileSteps.Quote($"{destination}/{controller}"), child.Memory.String(cgroup.Name), inside, child.Memory.String(controller))
                    .Ignoring(Errno.EEXIST);
            }
        }
    }

    private Slot Hierarchy(CgroupView cgroup, MountAttributes attributes, string at)
    {
        if (ownNamespace)
        {
            return cgroup.IsUnified
                ? child.NewFileSystem("cgroup2", "cgroup", [], attributes, at)
                : child.NewFileSystem("cgroup", "cgroup", cgroup.Controllers.Select(Option), attributes, at);
        }

        Slot copy = child.CloneMount(cgroup.Directory, recursive: false);
        child.SetAttributes(copy, at, attributes, MountAttributes.None, MountApi.Private, recursive: false);
        return copy;
    }

    private static (string Name, string? Value) Option(string controller)
        => controller.StartsWith("name=", StringComparison.Ordinal) ? ("name", controller["name=".Length..]) : (controller, null);
}
