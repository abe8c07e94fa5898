using Tare.Linux.Cgroups;

namespace Tare.Linux.Mounts;

/// <summary>A mount as this process's table of mounts tells it (proc_pid_mountinfo(5)).</summary>
/// <param name="Place">Where it stands; <c>/</c> for the root.</param>
/// <param name="Source">What it is mounted from, in the file system's own words.</param>
/// <param name="IsShared">Whether it passes mounts on.</param>
/// <param name="IsSlave">Whether it receives mounts from another.</param>
public sealed record MountEntry(string Place, string Source, bool IsShared, bool IsSlave)
{
    /// <summary>The mount that a path is on, by its name: links are not followed; null where the table has none.</summary>
    public static MountEntry? Of(string path) => Find(File.ReadLines("/proc/self/mountinfo"), Path.GetFullPath(path));

    /// <summary>The last mount whose place is the path or above it, the deepest one.</summary>
    internal static MountEntry? Find(IEnumerable<string> mountInfo, string path)
    {
        MountEntry? best = null;
        foreach (string line in mountInfo)
        {
            string[] fields = line.Split(' ');
            int dash = Array.IndexOf(fields, "-");
            if (fields.Length < 7 || dash < 0 || dash + 2 >= fields.Length)
            {
                continue;
            }

            string place = CgroupHierarchies.Unescape(fields[4]).TrimEnd('/');
            if (place.Length >= (best?.Place.TrimEnd('/').Length ?? 0) && (path == place || path.StartsWith(place + "/", StringComparison.Ordinal)))
            {
                ReadOnlySpan<string> optional = fields.AsSpan(6..dash);
                best = new MountEntry(place.Length == 0 ? "/" : place, CgroupHierarchies.Unescape(fields[dash + 2]), Has(optional, "shared:"), Has(optional, "master:"));
            }
        }

        return best;
    }

    private static bool Has(ReadOnlySpan<string> fields, string name)
    {
        foreach (string field in fields)
        {
            if (field.StartsWith(name, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
