using System.Globalization;

namespace Tare.Linux.Cgroups;

/// <summary>Makes the directories of a group.</summary>
internal static class CgroupMaker
{
    /// <summary>Makes one directory and its missing parents. On failure nothing new is left at the leaf.</summary>
    /// <returns>None, EBUSY for an existing group with processes or that is frozen, or what mkdir answered.</returns>
    public static Errno Make(CgroupDirectory directory, string path, bool occupied)
    {
        Errno errno = CgroupFile.MakeDirectory(directory.Path);
        if (errno == Errno.ENOENT)
        {
            string mountPoint = directory.Hierarchy.MountPoint;
            for (int slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1))
            {
                string parent = mountPoint + path[..slash];
                errno = CgroupFile.MakeDirectory(parent);
                if (errno == Errno.None)
                {
                    InheritCpuset(directory.Hierarchy, parent);
                }
                else if (errno != Errno.EEXIST)
                {
                    return errno;
                }
            }

            errno = CgroupFile.MakeDirectory(directory.Path);
        }

        if (errno == Errno.EEXIST)
        {
            errno = !occupied && WhyInUse(directory) is not null ? Errno.EBUSY : Errno.None;
        }

        if (errno == Errno.None)
        {
            InheritCpuset(directory.Hierarchy, directory.Path);
        }

        return errno;
    }

    /// <summary>Makes controllers of the unified hierarchy available in a group: every ancestor must pass them on (cgroup-v2.rst, "Enabling and Disabling").</summary>
    public static void EnableControllers(CgroupDirectory directory, string path, IReadOnlyList<string> controllers)
    {
        if (controllers.Count == 0)
        {
            return;
        }

        string mountPoint = directory.Hierarchy.MountPoint;
        string parent = mountPoint + path[..path.LastIndexOf('/')];
        if (PassesOn(parent, controllers))
        {
            return;
        }

        string together = string.Join(' ', controllers.Select(c => "+" + c));
        for (int slash = 0; slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            string file = mountPoint + path[..slash] + "/cgroup.subtree_control";
            if (CgroupFile.TryWrite(file, together) != Errno.None)
            {
                // One that cannot be passed on (none above, or processes in the way) must not keep the others; who needs it finds its files missing.
                foreach (string controller in controllers)
                {
                    _ = CgroupFile.TryWrite(file, "+" + controller);
                }
            }
        }
    }

    private static bool PassesOn(string parent, IReadOnlyList<string> controllers)
    {
        string[] passed = (CgroupFile.TryRead(parent + "/cgroup.subtree_control") ?? "").Split([' ', '\n']);
        return controllers.All(c => passed.Contains(c));
    }

    /// <summary>Why an existing directory cannot be a new container's, in runc's words; null when it can.</summary>
    public static string? WhyInUse(CgroupDirectory directory)
    {
        if (CgroupFile.TryRead(directory["cgroup.procs"]) is { Length: > 0 } processes)
        {
            return string.Create(CultureInfo.InvariantCulture, $"container's cgroup is not empty: {processes.AsSpan().TrimEnd().Count('\n') + 1} process(es) found");
        }

        string? state = directory.Hierarchy.IsUnified
            ? CgroupFile.TryRead(directory["cgroup.freeze"])
            : directory.Hierarchy.Controllers.Contains("freezer") ? CgroupFile.TryRead(directory["freezer.state"]) : null;
        return state?.Trim() is "1" or "FROZEN" or "FREEZING" ? "container's cgroup unexpectedly frozen" : null;
    }

    // A version 1 cpuset starts with no CPU and no memory node, and takes no process until it has both (cpusets(7)). So may its parents, where others made them.
    private static void InheritCpuset(CgroupHierarchy hierarchy, string path)
    {
        if (hierarchy.IsUnified || !hierarchy.Controllers.Contains("cpuset"))
        {
            return;
        }

        string parent = path[..path.LastIndexOf('/')];
        if (parent.Length > hierarchy.MountPoint.Length && (string.IsNullOrWhiteSpace(CgroupFile.TryRead(parent + "/cpuset.cpus")) || string.IsNullOrWhiteSpace(CgroupFile.TryRead(parent + "/cpuset.mems"))))
        {
            InheritCpuset(hierarchy, parent);
        }

        foreach (string file in (string[])["/cpuset.cpus", "/cpuset.mems"])
        {
            if (string.IsNullOrWhiteSpace(CgroupFile.TryRead(path + file)) && CgroupFile.TryRead(parent + file)?.Trim() is { Length: > 0 } value)
            {
                _ = CgroupFile.TryWrite(path + file, value);
            }
        }
    }
}
