namespace Tare.Storage.Archives;

/// <summary>
/// What an image archive holds: documents in memory, layers unpacked and without a name yet. Disposing throws away the layers that were given none; blobs in the content store
/// are the owner's to keep or delete.
/// </summary>
public sealed class ImageArchive : IDisposable
{
    private const int MostLinks = 8;
    private readonly Dictionary<string, ArchivedFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);

    internal ImageArchive()
    {
    }

    /// <summary>The paths of all files, in order.</summary>
    public IReadOnlyList<string> Paths => [.. _files.Keys.Order(StringComparer.Ordinal)];

    /// <summary>A file, through the archive's links; null when it holds none of this path.</summary>
    public ArchivedFile? Find(string path)
    {
        string wanted = Clean(path);
        for (int i = 0; i <= MostLinks; i++)
        {
            if (_files.TryGetValue(wanted, out ArchivedFile? file))
            {
                return file;
            }

            if (!_links.TryGetValue(wanted, out string? target))
            {
                return null;
            }

            wanted = target;
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ArchivedFile file in _files.Values)
        {
            file.Layer?.Dispose();
        }
    }

    internal void Add(string path, ArchivedFile file)
    {
        string clean = Clean(path);
        if (_files.Remove(clean, out ArchivedFile? before))
        {
            before.Layer?.Dispose();
        }

        _files.Add(clean, file);
    }

    internal void AddLink(string path, string target) => _links[Clean(path)] = Clean(target);

    /// <summary>Resolves <c>.</c> and <c>..</c> as text; what leads outside ends at the top.</summary>
    internal static string Clean(string path)
    {
        List<string> parts = [];
        foreach (string part in path.Split('/'))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "." or ".."))
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }
}
