namespace Tare.Linux.Quota;

/// <summary>Finds what a file system is mounted from (proc_pid_mountinfo(5)).</summary>
internal static class MountedDevice
{
    /// <summary>The block device of the file system that a folder is on; null when it has none.</summary>
    public static string? Find(string folder) => Find(File.ReadLines("/proc/self/mountinfo"), Path.GetFullPath(folder));

    /// <summary>The source of the last mount whose place is the path or above it, the deepest one.</summary>
    internal static string? Find(IEnumerable<string> mountInfo, string path)
    {
        (int Depth, string? Source) best = (-1, null);
        foreach (string line in mountInfo)
        {
            string[] fields = line.Split(' ');
            int dash = Array.IndexOf(fields, "-");
            if (fields.Length < 7 || dash < 0 || dash + 2 >= fields.Length)
            {
                continue;
            }

            string place = Unescape(fields[4]).TrimEnd('/');
            if (place.Length >= best.Depth && (path == place || path.StartsWith(place + "/", StringComparison.Ordinal)))
            {
                best = (place.Length, Unescape(fields[dash + 2]));
            }
        }

        return best.Source is { } source && source.StartsWith('/') ? source : null;
    }

    // Blanks and backslashes stand as octal numbers.
    private static string Unescape(string text) => text.Replace("\\040", " ", StringComparison.Ordinal).Replace("\\011", "\t", StringComparison.Ordinal)
        .Replace("\\012", "\n", StringComparison.Ordinal).Replace("\\134", "\\", StringComparison.Ordinal);
}
