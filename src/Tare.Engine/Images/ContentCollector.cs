using Tare.Engine.Lifecycle;
using Tare.Engine.State;
using Tare.Oci.Images;
using Tare.Storage.Layers;

namespace Tare.Engine.Images;

/// <summary>
/// Deletes content and layers that no image, no container and no lease needs. Names go at once, the files of a layer in the background. Everywhere: preconditions: the turn is held.
/// </summary>
/// <param name="parts">The image parts.</param>
internal sealed class ContentCollector(ImageParts parts)
{
    private readonly Lock _lock = new();
    private Task _removing = Task.CompletedTask; // guarded by _lock

    /// <summary>Digests of content and chain ids of layers that images and containers need.</summary>
    public HashSet<string> Used()
    {
        HashSet<string> used = [];
        foreach ((string id, ImageDocument document) in parts.Table.Documents)
        {
            used.UnionWith(document.ContentOf(id));
            used.UnionWith(document.ChainIds);
        }

        foreach (Container container in parts.Containers.All)
        {
            used.UnionWith(LayersOf(container.Document));
        }

        return used;
    }

    /// <summary>Chain ids of the layers that a container needs: of its own image and of images that are mounted in it.</summary>
    public static IEnumerable<string> LayersOf(ContainerDocument container) =>
        container.ChainIds.Concat(container.Mounts.SelectMany(static mount => mount.Layers).Select(ChainIdOf).OfType<string>());

    /// <summary>Deletes content and layers, except for what is used or held.</summary>
    /// <returns>The bytes of what was deleted.</returns>
    public long DeleteUnused(IEnumerable<string> digests)
    {
        HashSet<string> used = Used();
        return digests.Where(digest => !used.Contains(digest)).Sum(Delete);
    }

    /// <summary>Deletes everything that nothing uses or holds: what failed pulls left, layers of containers whose image went before them.</summary>
    /// <param name="deleted">Told of each.</param>
    /// <returns>The bytes of what was deleted.</returns>
    public long Sweep(Action<string>? deleted = null)
    {
        HashSet<string> used = Used();
        long bytes = 0;
        foreach (string digest in parts.Content.Enumerate().Concat(parts.Layers.Enumerate()).Select(static digest => digest.ToString()).Distinct().Where(digest => !used.Contains(digest)).ToList())
        {
            bytes += Delete(digest);
            deleted?.Invoke(digest);
        }

        return bytes;
    }

    /// <summary>Ends when the files of all deleted layers have gone. May be called without the turn.</summary>
    public Task DrainAsync()
    {
        lock (_lock)
        {
            return _removing;
        }
    }

    private long Delete(string text)
    {
        Digest digest = Digest.Parse(text);
        long bytes = 0;
        parts.Leases.TryDelete(text, () =>
        {
            try
            {
                bytes = DeleteFiles(digest);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                Log.LeftoverStays(parts.Log, text, failure); // the next collection tries again
            }
        });
        return bytes;
    }

    private long DeleteFiles(Digest digest)
    {
        FileInfo blob = new(parts.Content.PathOf(digest));
        long bytes = (blob.Exists ? blob.Length : 0) + (parts.Layers.Contains(digest) ? parts.Layers.SizeOf(digest) : 0);
        parts.Content.Delete(digest);
        if (parts.Layers.Discard(digest) is { } layer)
        {
            RemoveLater(layer);
        }

        return bytes;
    }

    private void RemoveLater(StagedLayer layer)
    {
        lock (_lock)
        {
            _removing = RemoveAsync(_removing, layer);
        }
    }

    private async Task RemoveAsync(Task before, StagedLayer layer)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            layer.Dispose();
        }
        catch (IOException failure)
        {
            Log.LeftoverStays(parts.Log, layer.Folder, failure); // the next start tries again
        }
    }

    // …/layers/HEX/diff, or a folder in it.
    private static string? ChainIdOf(string path)
    {
        string[] words = path.Split('/');
        int at = Array.IndexOf(words, "diff");
        return at > 0 && Digest.TryParse("sha256:" + words[at - 1], out Digest chainId) ? chainId.ToString() : null;
    }
}
