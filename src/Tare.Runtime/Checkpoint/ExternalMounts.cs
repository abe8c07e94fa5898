using Tare.Linux.Cgroups;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;
using Tare.Runtime.Plan;

namespace Tare.Runtime.Checkpoint;

/// <summary>
/// The mounts of a container whose content belongs to the host, so that images only name them: bind mounts, cgroups without a namespace of their own,
/// what covers masked files, devices in a user namespace. The name of each is its path inside, as with runc, so that images can be exchanged.
/// </summary>
internal static class ExternalMounts
{
    private const string Nothing = "/dev/null";

    /// <summary>Names the mounts of a running container.</summary>
    public static void NameForDump(CriuOptions options, RuntimeSpec spec, int pid)
    {
        ContainerMounts mounts = ContainerMounts.Of(pid);
        HashSet<string> named = [];
        List<string> recursive = [];
        foreach (Mount mount in spec.Mounts ?? [])
        {
            bool bind = IsBind(mount, out bool all);
            foreach (string place in bind ? [mount.Destination] : CgroupPlaces(spec, mount))
            {
                if (mounts.PointAt(place, out _) is { } point && named.Add(point))
                {
                    options.ExternalMount(point, point);
                    recursive.AddRange(bind && all ? [point + "/"] : []);
                }
            }
        }

        foreach (string point in mounts.Points.Where(point => recursive.Exists(folder => point.StartsWith(folder, StringComparison.Ordinal))))
        {
            if (named.Add(point))
            {
                options.ExternalMount(point, point);
            }
        }

        NameFiles(options, spec, mounts, named);
    }

    /// <summary>Says where the named mounts come from.</summary>
    /// <param name="options">The options of the restore.</param>
    /// <param name="spec">The configuration.</param>
    /// <param name="bundle">Where relative sources start.</param>
    /// <param name="cgroup">The restored container's group.</param>
    /// <param name="resolve">The path inside that a destination leads to.</param>
    public static void GiveForRestore(CriuOptions options, RuntimeSpec spec, string bundle, Cgroup cgroup, Func<string, string> resolve)
    {
        HashSet<string> given = [];
        List<(string Name, string Source)> below = [];
        foreach (Mount mount in spec.Mounts ?? [])
        {
            if (IsBind(mount, out bool all))
            {
                string source = SourceOf(mount, bundle);
                string name = resolve(mount.Destination);
                Give(name, source);
                below.AddRange(all ? ContainerMounts.OfSelf().Points
                    .Where(point => point.StartsWith(source.TrimEnd('/') + "/", StringComparison.Ordinal)).Select(point => (name + point[source.TrimEnd('/').Length..], point)) : []);
                continue;
            }

            foreach ((string place, string source) in CgroupPlaces(spec, mount).Zip(CgroupSources(cgroup)))
            {
                Give(place, source);
            }
        }

        below.ForEach(entry => Give(entry.Name, entry.Source));
        Give(Nothing, Nothing);
        foreach (string device in Devices(spec))
        {
            Give(device, device);
        }

        void Give(string name, string source)
        {
            if (given.Add(name))
            {
                options.ExternalMount(name, source);
            }
        }
    }

    /// <summary>The source of a bind mount outside.</summary>
    public static string SourceOf(Mount mount, string bundle)
        => Path.GetFullPath(mount.Source ?? throw new RuntimeException(ErrorKind.Invalid, $"mount \"{mount.Destination}\": a bind mount needs a source"), bundle);

    /// <summary>Whether a mount shows a place of the host.</summary>
    /// <param name="mount">The mount.</param>
    /// <param name="recursive">Whether the mounts below that place come with it.</param>
    public static bool IsBind(Mount mount, out bool recursive)
    {
        MountOptions options = MountOptions.Parse(mount.Options);
        recursive = options.RecursiveBind || !options.Bind;
        return (options.Bind || mount.Type == "bind") && !options.Remount;
    }

    private static void NameFiles(CriuOptions options, RuntimeSpec spec, ContainerMounts mounts, HashSet<string> named)
    {
        // What covers a masked file is the container's own /dev/null, which the images hold, but where that is the host's.
        string? devices = mounts.FileSystemOf("/dev");
        foreach (string path in spec.Linux?.MaskedPaths ?? [])
        {
            if (mounts.PointAt(path, out bool directory) is { } point && !directory && (devices is null || mounts.FileSystemOf(point) != devices) && named.Add(point))
            {
                options.ExternalMount(point, Nothing);
            }
        }

        foreach (string path in Devices(spec))
        {
            if (mounts.PointAt(path, out _) is { } point && named.Add(point))
            {
                options.ExternalMount(point, path);
            }
        }
    }

    private static IEnumerable<string> Devices(RuntimeSpec spec)
        => new[] { Nothing, "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty" }.Concat(spec.Linux?.Devices?.Select(device => device.Path) ?? []);

    // As CgroupMountSteps mounts them: with a namespace of its own the container has real file systems, which images hold.
    private static IEnumerable<string> CgroupPlaces(RuntimeSpec spec, Mount mount)
    {
        bool own = spec.Linux?.Namespaces?.Exists(entry => entry.Type == "cgroup") ?? false;
        CgroupHierarchies hierarchies = CgroupHierarchies.Current;
        return own || mount.Type is not ("cgroup" or "cgroup2") ? []
            : hierarchies.Mode == CgroupMode.V2 ? [mount.Destination]
            : hierarchies.All.Select(hierarchy => $"{mount.Destination}/{Path.GetFileName(hierarchy.MountPoint)}");
    }

    private static IEnumerable<string> CgroupSources(Cgroup cgroup)
        => cgroup.Hierarchies.All.Select(hierarchy => cgroup.Directories.FirstOrDefault(directory => directory.Hierarchy == hierarchy)?.Path ?? hierarchy.MountPoint);
}
