using System.Text;

namespace Tare.Linux.Cgroups;

/// <summary>The cgroup hierarchies of this mount namespace.</summary>
public sealed class CgroupHierarchies
{
    private static CgroupHierarchies? s_current;

    private CgroupHierarchies(List<CgroupHierarchy> all)
    {
        All = all;
        Unified = all.Find(h => h.IsUnified);
        bool legacy = all.Exists(h => !h.IsUnified);
        Mode = Unified is null ? (legacy ? CgroupMode.V1 : CgroupMode.None) : legacy ? CgroupMode.Hybrid : CgroupMode.V2;
    }

    /// <summary>What is mounted, each hierarchy once.</summary>
    public IReadOnlyList<CgroupHierarchy> All { get; }

    /// <summary>The unified hierarchy, if mounted.</summary>
    public CgroupHierarchy? Unified { get; }

    /// <summary>Which versions are in use.</summary>
    public CgroupMode Mode { get; }

    /// <summary>The hierarchies of this process, read once.</summary>
    /// <exception cref="LinuxException">/proc is not mounted.</exception>
    public static CgroupHierarchies Current => s_current ??= Parse(CgroupFile.Read("/proc/self/mountinfo"));

    /// <summary>Finds the hierarchies in the text of a mountinfo file (proc(5)).</summary>
    /// <param name="mountInfo">The text.</param>
    public static CgroupHierarchies Parse(string mountInfo)
    {
        ArgumentNullException.ThrowIfNull(mountInfo);
        List<CgroupHierarchy> found = [];
        foreach (ReadOnlySpan<char> line in mountInfo.AsSpan().EnumerateLines())
        {
            int separator = line.IndexOf(" - cgroup", StringComparison.Ordinal);
            if (separator < 0)
            {
                continue;
            }

            // 32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
            string[] before = line[..separator].ToString().Split(' ');
            string[] after = line[(separator + 3)..].ToString().Split(' ');
            if (before.Length < 6 || after.Length < 3 || after[0] is not ("cgroup" or "cgroup2"))
            {
                continue;
            }

            string mountPoint = Unescape(before[4]);
            bool unified = after[0] == "cgroup2";
            List<string> controllers = unified ? UnifiedControllers(mountPoint) : [.. after[2].Split(',').Where(IsController)];
            bool known = found.Exists(h => unified ? h.IsUnified : !h.IsUnified && h.Controllers.SequenceEqual(controllers));
            if (!known && (unified || controllers.Count > 0))
            {
                found.Add(new CgroupHierarchy(mountPoint, controllers, unified));
            }
        }

        return new CgroupHierarchies(found);
    }

    /// <summary>The hierarchy that a controller belongs to, version 1 before the unified one; null when there is none.</summary>
    public CgroupHierarchy? Find(string controller)
    {
        foreach (CgroupHierarchy hierarchy in All)
        {
            if (!hierarchy.IsUnified && hierarchy.Controllers.Contains(controller))
            {
                return hierarchy;
            }
        }

        return Unified is not null && Unified.Controllers.Contains(controller) ? Unified : null;
    }

    private static List<string> UnifiedControllers(string mountPoint) =>
        CgroupFile.TryRead(mountPoint + "/cgroup.controllers") is { } text ? [.. text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)] : [];

    // The super block options of a version 1 mount name its controllers between flags.
    private static bool IsController(string option) =>
        option is not ("rw" or "ro" or "xattr" or "noprefix" or "clone_children" or "none" or "all" or "cpuset_v2_mode" or "favordynmods")
        && !option.StartsWith("release_agent=", StringComparison.Ordinal);

    /// <summary>A path as it stands in mountinfo, which writes space, tab, line feed and backslash as \ooo (proc(5)).</summary>
    /// <param name="path">The field.</param>
    public static string Unescape(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!path.Contains('\\'))
        {
            return path;
        }

        StringBuilder plain = new(path.Length);
        for (int i = 0; i < path.Length; i++)
        {
            if (path[i] == '\\' && i + 3 < path.Length)
            {
                plain.Append((char)(((path[i + 1] - '0') << 6) | ((path[i + 2] - '0') << 3) | (path[i + 3] - '0')));
                i += 3;
            }
            else
            {
                plain.Append(path[i]);
            }
        }

        return plain.ToString();
    }
}
