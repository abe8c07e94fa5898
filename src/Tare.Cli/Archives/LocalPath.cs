namespace Tare.Cli.Archives;

/// <summary>Paths as text, by the rules of Go's path/filepath, which Docker's copies are made of.</summary>
internal static class LocalPath
{
    /// <summary>The shortest path that means the same: no doubled slashes, no <c>.</c>, no <c>..</c> but at the beginning.</summary>
    public static string Clean(string path)
    {
        if (path.Length == 0)
        {
            return ".";
        }

        bool isRooted = path[0] == '/';
        List<string> parts = [];
        foreach (string part in path.Split('/'))
        {
            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or ".") && !(part == ".." && isRooted))
            {
                parts.Add(part);
            }
        }

        string joined = string.Join('/', parts);
        return isRooted ? "/" + joined : joined.Length == 0 ? "." : joined;
    }

    /// <summary>The last component; <c>/</c> for a root, <c>.</c> for nothing.</summary>
    public static string Base(string path)
    {
        if (path.Length == 0)
        {
            return ".";
        }

        string trimmed = path.TrimEnd('/');
        return trimmed.Length == 0 ? "/" : trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }

    /// <summary>Everything but the last component.</summary>
    public static string Folder(string path) => Clean(path[..(path.LastIndexOf('/') + 1)]);

    /// <summary>Joins and cleans.</summary>
    public static string Join(string first, string second) => Clean(first.Length == 0 ? second : second.Length == 0 ? first : first + "/" + second);

    /// <summary>An absolute path; what it ends with, a slash or <c>/.</c>, stays.</summary>
    public static string Absolute(string path) => KeepEnd(path.StartsWith('/') ? Clean(path) : Join(Environment.CurrentDirectory, path), path);

    /// <summary>Puts the slash or <c>/.</c> that a path ended with before at its end again.</summary>
    public static string KeepEnd(string cleaned, string original)
    {
        if (MeansContent(original) && !MeansContent(cleaned))
        {
            cleaned += cleaned.EndsWith('/') ? "." : "/.";
        }

        return original.EndsWith('/') && !cleaned.EndsWith('/') ? cleaned + "/" : cleaned;
    }

    /// <summary>Whether a path ends with <c>.</c>: the content of a directory, not the directory.</summary>
    public static bool MeansContent(string path) => Base(path) == ".";

    /// <summary>Whether a path can be a directory only.</summary>
    public static bool MeansDirectory(string path) => path.EndsWith('/') || MeansContent(path);

    /// <summary>Splits a path to its folder and last component, which is <c>.</c> for the content of a directory.</summary>
    public static (string Folder, string Name) Split(string path)
    {
        string cleaned = Clean(path);
        if (MeansContent(path))
        {
            return (cleaned, ".");
        }

        return (Folder(cleaned), Base(cleaned));
    }
}
