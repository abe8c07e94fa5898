using Tare.Linux.Cgroups;

namespace Tare.Runtime.Containers;

/// <summary>The groups that a further process joins.</summary>
internal static class ExecCgroups
{
    /// <summary>The files to write the process to, one for each hierarchy.</summary>
    /// <param name="cgroup">The container's group.</param>
    /// <param name="below">What <c>exec --cgroup</c> asks for: a path below the container's group, for all hierarchies or for those of the controllers named before a colon.</param>
    /// <exception cref="RuntimeException">A controller is unknown, a path leads out of the container's group, or there is no such group.</exception>
    public static IReadOnlyList<string> JoinFiles(Cgroup cgroup, IReadOnlyList<string> below)
    {
        Dictionary<CgroupHierarchy, string> paths = [];
        foreach (string entry in below)
        {
            int colon = entry.IndexOf(':', StringComparison.Ordinal);
            string path = entry[(colon + 1)..];
            if (path.Split('/').Contains(".."))
            {
                throw new RuntimeException(ErrorKind.Invalid, $"bad --cgroup argument \"{entry}\": the path leads out of the container's cgroup");
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
                    ?? throw new RuntimeException(ErrorKind.Invalid, $"bad --cgroup argument \"{entry}\": unknown controller \"{controller}\"");
                paths[directory.Hierarchy] = path;
            }
        }

        // Where a user without privileges may not make groups, the container has none.
        bool all = Linux.Interop.Libc.geteuid() == 0;
        return [.. cgroup.Directories.Where(directory => all || Directory.Exists(directory.Path)).Select(directory => JoinFile(directory, paths.GetValueOrDefault(directory.Hierarchy)))];
    }

    private static string JoinFile(CgroupDirectory directory, string? below)
    {
        if (string.IsNullOrEmpty(below?.Trim('/')))
        {
            return CgroupViews.Of(directory).JoinFile;
        }

        CgroupDirectory child = directory with { Path = $"{directory.Path}/{below.Trim('/')}" };
        return Directory.Exists(child.Path) ? CgroupViews.Of(child).JoinFile : throw new RuntimeException(ErrorKind.Invalid, $"cgroup \"{child.Path}\" does not exist");
    }
}
