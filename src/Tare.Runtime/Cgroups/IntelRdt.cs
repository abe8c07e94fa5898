using System.Globalization;
using Tare.Linux.Cgroups;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Cgroups;

/// <summary>Classes of service for cache and memory bandwidth: directories of the resctrl file system (Documentation/filesystems/resctrl.rst; config-linux.md, IntelRdt).</summary>
internal static class IntelRdt
{
    private const string Root = "/";

    /// <summary>Where resctrl is mounted.</summary>
    /// <exception cref="RuntimeException">It is not.</exception>
    public static string MountPoint()
    {
        foreach (string line in CgroupFile.Read("/proc/self/mountinfo").Split('\n'))
        {
            if (line.Contains(" - resctrl ", StringComparison.Ordinal))
            {
                return line.Split(' ')[4];
            }
        }

        throw new RuntimeException(ErrorKind.Invalid, "linux.intelRdt: resctrl is not mounted (the processor or the kernel lacks it, or \"mount -t resctrl resctrl /sys/fs/resctrl\" was not done)");
    }

    /// <summary>Makes the class of service where it is missing, writes its schemata, and moves a process there.</summary>
    /// <param name="mountPoint">Where resctrl is mounted.</param>
    /// <param name="rdt">The section.</param>
    /// <param name="id">The container's id, which names its class where the section does not.</param>
    /// <param name="pid">The process.</param>
    /// <exception cref="RuntimeException">The class of another owner has other schemata, or a name is no name.</exception>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public static void Join(string mountPoint, LinuxIntelRdt rdt, string id, int pid)
    {
        string directory = DirectoryOf(mountPoint, rdt, id);
        bool existed = Directory.Exists(directory);
        Directory.CreateDirectory(directory);
        List<string> lines = LinesOf(rdt);
        if (existed && lines.Count > 0 && !string.IsNullOrEmpty(rdt.ClosId))
        {
            CheckSchemata(directory, lines);
        }
        else if (lines.Count > 0)
        {
            File.WriteAllText(directory + "/schemata", string.Join('\n', lines) + "\n");
        }

        string number = pid.ToString(CultureInfo.InvariantCulture);
        File.WriteAllText(directory + "/tasks", number);
        if (rdt.EnableMonitoring)
        {
            string group = $"{directory}/mon_groups/{id}";
            Directory.CreateDirectory(group);
            File.WriteAllText(group + "/tasks", number);
        }
    }

    /// <summary>Writes other schemata to a container's class of service.</summary>
    /// <param name="mountPoint">Where resctrl is mounted.</param>
    /// <param name="rdt">The container's section, which names the class.</param>
    /// <param name="id">The container's id.</param>
    /// <param name="changes">The schemata.</param>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public static void Change(string mountPoint, LinuxIntelRdt rdt, string id, LinuxIntelRdt changes)
        => File.WriteAllText(DirectoryOf(mountPoint, rdt, id) + "/schemata", string.Join('\n', LinesOf(changes)) + "\n");

    /// <summary>Removes what <see cref="Join"/> made: the monitoring group, and the class if it has the container's own name.</summary>
    public static void Leave(string mountPoint, LinuxIntelRdt rdt, string id)
    {
        string directory = DirectoryOf(mountPoint, rdt, id);
        string gone = string.IsNullOrEmpty(rdt.ClosId) ? directory : $"{directory}/mon_groups/{id}";
        if (Directory.Exists(gone))
        {
            Directory.Delete(gone);
        }
    }

    private static List<string> LinesOf(LinuxIntelRdt rdt)
        => [.. new[] { rdt.L3CacheSchema, rdt.MemBwSchema }.OfType<string>().Concat(rdt.Schemata ?? []).SelectMany(text => text.Split('\n')).Select(line => line.Trim()).Where(line => line.Length > 0)];

    private static string DirectoryOf(string mountPoint, LinuxIntelRdt rdt, string id)
    {
        string name = string.IsNullOrEmpty(rdt.ClosId) ? id : rdt.ClosId;
        return name == Root ? mountPoint
            : name is "." or ".." || name.Contains('/') ? throw new RuntimeException(ErrorKind.Invalid, $"linux.intelRdt.closID \"{name}\" is no name")
            : Path.Combine(mountPoint, name);
    }

    private static void CheckSchemata(string directory, List<string> wanted)
    {
        string[] there = [.. File.ReadAllLines(directory + "/schemata").Select(line => line.Trim())];
        if (wanted.Find(line => !there.Contains(line)) is { } missing)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"linux.intelRdt: the class \"{Path.GetFileName(directory)}\" exists with other schemata than \"{missing}\"");
        }
    }
}
