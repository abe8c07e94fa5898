using Tare.Linux.Cgroups;

namespace Tare.Runtime.Containers;

/// <summary>The groups that a further process joins.</summary>
internal static class ExecCgroups
{
    /// <summary>The directories of the groups to join, one for each hierarchy.</summary>
    /// <param name="cgroup">The container's group.</param>
    /// <param name="firstProcess">The container's first process.</param>
    /// <param name="below">What <c>exec --cgroup</c> asks for: a path below the container's group, for all hierarchies or for those of the controllers named before a colon.</param>
    /// <exception cref="RuntimeException">A controller is unknown, a path leads out of the container's group, or there is no such group.</exception>
    public static IReadOnlyList<CgroupDirectory> Of(Cgroup cgroup, int firstProcess, IReadOnlyList<string> below)
    {
        Dictionary<CgroupHierarchy, string> paths = [];
        foreach (string entry in below)
        {
            int colon = entry.IndexOf(':', StringComparison.Ordinal);
            string path = entry[(colon + 1)..];
            if (path.Split('/').Contains(".."))
            {
                throw new RuntimeException(ErrorKind.Invalid, $"bad --cgroup argument \"{entry}\": {path} is not a sub cgroup path");
            }

            if (colon < 0)
            {
                foreach (CgroupDirectory directory in cgroup.Directories)
                {
                    paths[directory.Hierarchy] = path;
                }

                continue;
            }

            foreach (string controller in entry[..colon].Split(','))
            {
                CgroupDirectory directory = (controller.Length == 0 ? cgroup.Unified : cgroup.Find(controller))
                    ?? throw new RuntimeException(ErrorKind.Invalid, $"bad --cgroup argument \"{entry}\": unknown controller {controller}");
                paths[directory.Hierarchy] = path;
            }
        }

        // Where a user without privileges may not make groups, the container has none.
        bool all = Linux.Interop.Libc.geteuid() == 0;
        return [.. cgroup.Directories.Where(directory => all || Directory.Exists(directory.Path)).Select(directory =>
            Below(directory, paths.GetValueOrDefault(directory.Hierarchy)) ?? WithProcesses(directory, firstProcess))];
    }

    private static CgroupDirectory? Below(CgroupDirectory directory, string? below)
    {
        if (string.IsNullOrEmpty(below?.Trim('/')))
        {
            return null;
        }

        CgroupDirectory child = directory with { Path = $"{directory.Path}/{below.Trim('/')}" };
        return Directory.Exists(child.Path) ? child : throw new RuntimeException(ErrorKind.Invalid, $"error adding pid to cgroups: open {child["cgroup.procs"]}: no such file or directory");
    }

    // A group of version 2 that passes controllers on takes no process (cgroup-v2.rst, "No Internal Process Constraint"): the container made groups
    // of its own, as systemd does, and moved its first process to one of them.
    private static CgroupDirectory WithProcesses(CgroupDirectory directory, int firstProcess)
        => directory.Hierarchy.IsUnified && !string.IsNullOrWhiteSpace(CgroupFile.TryRead(directory["cgroup.subtree_control"]))
            ? Cgroup.OfProcess(CgroupHierarchies.Current, firstProcess).Unified ?? directory
            : directory;
}
