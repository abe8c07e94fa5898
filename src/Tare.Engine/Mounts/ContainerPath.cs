namespace Tare.Engine.Mounts;

/// <summary>Lexical operations on paths of a container, which is never this process's own view of the file system.</summary>
internal static class ContainerPath
{
    /// <summary>Resolves <c>.</c>, <c>..</c> and doubled slashes as text, below <c>/</c>.</summary>
    public static string Clean(string path)
    {
        List<string> parts = [];
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
            {
                if (parts.Count > 0)
                {
                    parts.RemoveAt(parts.Count - 1);
                }
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }

        return "/" + string.Join('/', parts);
    }

    /// <summary>Number of components: mounts are made from the shallow to the deep.</summary>
    public static int Depth(string cleanPath) => cleanPath == "/" ? 0 : cleanPath.AsSpan().Count('/');
}
