namespace Tare.Cli.Bootstrap;

/// <summary>The package sources of this machine (sources.list(5)).</summary>
internal static class AptSources
{
    /// <summary>The first mirror that is named, in either format; null without one.</summary>
    /// <param name="folder">The folder with <c>sources.list</c> and <c>sources.list.d</c>.</param>
    public static string? FirstMirror(string folder)
    {
        string parts = Path.Combine(folder, "sources.list.d");
        IEnumerable<string> files = Directory.Exists(parts) ? Directory.EnumerateFiles(parts).Order(StringComparer.Ordinal) : [];
        return files.Append(Path.Combine(folder, "sources.list"))
            .Where(static file => Path.GetExtension(file) is ".sources" or ".list" && File.Exists(file))
            .SelectMany(File.ReadLines)
            .Select(MirrorOf)
            .FirstOrDefault(static mirror => mirror is not null);
    }

    private static string? MirrorOf(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is ["URIs:", ..] or ["deb", ..]
            ? words.FirstOrDefault(static word => word.StartsWith("http://", StringComparison.Ordinal) || word.StartsWith("https://", StringComparison.Ordinal))
            : null;
    }
}
