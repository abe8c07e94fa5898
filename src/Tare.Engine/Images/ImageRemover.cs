using Tare.Engine.Errors;
using Tare.Engine.Lifecycle;
using Tare.Oci.Images;

namespace Tare.Engine.Images;

/// <summary>Removes names and images with dockerd's rules: a name first, the image with its last name, never one that a running container uses.</summary>
/// <param name="parts">The image parts.</param>
/// <param name="finder">Finds images.</param>
internal sealed class ImageRemover(ImageParts parts, ImageFinder finder)
{
    /// <summary>Removes what a user names.</summary>
    public async Task<IReadOnlyList<ImageRemoval>> RemoveAsync(string name, bool force, CancellationToken cancellationToken)
    {
        await parts.Turn.WaitAsync(cancellationToken);
        try
        {
            if (await TryRemoveIncompleteAsync(name) is { } incomplete)
            {
                return incomplete;
            }

            ImageRecord image = finder.Find(name, out string? reference);
            List<ImageRemoval> removals = [];
            IReadOnlyList<string> names = parts.Table.NamesOf(image.Id);
            if (reference is not null)
            {
                if (!force && IsSingle(names) && UserOf(image.Id) is { } user)
                {
                    throw new EngineException(
                        ErrorClass.Conflict,
                        $"conflict: unable to remove repository reference \"{name}\" (must force) - container {user.Id[..12]} is using its referenced image {Short(image.Id)}");
                }

                await UntagAsync(image, NamesThatGo(reference, names), removals);
                if (parts.Table.NamesOf(image.Id).Count > 0 || ConflictOf(image, force) is not null)
                {
                    return removals;
                }
            }
            else
            {
                if (!force && names.Select(n => ImageReference.Parse(n).Name).Distinct().Count() > 1)
                {
                    throw Conflict(image.Id, hard: false, "image is referenced in multiple repositories");
                }

                if (ConflictOf(image, force) is { } conflict)
                {
                    throw conflict;
                }

                await UntagAsync(image, names, removals);
            }

            await DeleteAsync(image, removals);
            return removals;
        }
        finally
        {
            parts.Turn.Release();
        }
    }

    /// <summary>Gives up an image that is not shown since files of it are missing.</summary>
    /// <returns>Null when no such image has the name or id.</returns>
    private async Task<IReadOnlyList<ImageRemoval>?> TryRemoveIncompleteAsync(string name)
    {
        if (parts.Table.TryGetIncomplete(name.StartsWith("sha256:", StringComparison.Ordinal) || Digest.IsHex(name) ? name : ImageFinder.Parse(name).WithDefaultTag().ToString()) is not { } image)
        {
            return null;
        }

        await RemoveRecordAsync(parts, image.Id, image.Document);
        return [new ImageRemoval(Untagged: null, image.Id)];
    }

    /// <summary>Removes an image with its names, whatever there is of it. Preconditions: the turn is held.</summary>
    internal static async Task RemoveRecordAsync(ImageParts parts, string id, State.ImageDocument document)
    {
        await parts.Database.WriteAsync(ImageStatements.RemoveNames(id), ImageStatements.Remove(id));
        parts.Table.Remove(id);
        parts.Collector.DeleteUnused(document.ContentOf(id).Concat(document.ChainIds));
    }

    /// <summary>Deletes what no image and no container has, such as what a pull brought that was cut off; for the start, when nobody holds anything.</summary>
    public void Sweep(Action<string> removed) => parts.Collector.Sweep(removed);

    /// <summary>Deletes what nothing uses or holds, and what came of downloads that were broken off.</summary>
    /// <returns>Bytes that came free.</returns>
    public async Task<long> SweepAsync(CancellationToken cancellationToken)
    {
        await parts.Turn.WaitAsync(cancellationToken);
        try
        {
            return parts.Collector.Sweep() + parts.Content.DropParts(TimeSpan.Zero);
        }
        finally
        {
            parts.Turn.Release();
        }
    }

    /// <summary>Deletes layers of a container that has gone, when its image went before it.</summary>
    public async Task CollectAsync(Container container)
    {
        if (ContentCollector.LayersOf(container.Document).All(chainId => parts.Table.IsLayerUsedByOther(chainId, "")))
        {
            return;
        }

        await parts.Turn.WaitAsync();
        try
        {
            parts.Collector.DeleteUnused(ContentCollector.LayersOf(container.Document));
        }
        finally
        {
            parts.Turn.Release();
        }
    }

    /// <summary>The tag itself, and its repository's digests when no other tag of it is left.</summary>
    private static List<string> NamesThatGo(string reference, IReadOnlyList<string> names)
    {
        List<string> going = [reference];
        string repository = ImageReference.Parse(reference).Name;
        List<string> rest = [.. names.Where(n => n != reference && ImageReference.Parse(n).Name == repository)];
        if (rest.TrueForAll(n => ImageReference.Parse(n).Digest is not null))
        {
            going.AddRange(rest);
        }

        return going;
    }

    /// <summary>Whether an image has one name, apart from digests of the same repository.</summary>
    private static bool IsSingle(IReadOnlyList<string> names) =>
        names.Count <= 1 || (names.Count(n => ImageReference.Parse(n).Digest is null) <= 1 && names.Select(n => ImageReference.Parse(n).Name).Distinct().Count() == 1);

    private static string Short(string id) => id["sha256:".Length..][..12];

    private static EngineException Conflict(string id, bool hard, string reason) =>
        new(ErrorClass.Conflict, $"conflict: unable to delete {Short(id)} ({(hard ? "cannot be forced" : "must be forced")}) - {reason}");

    private Container? UserOf(string id) => parts.Containers.All.FirstOrDefault(c => c.Document.ImageId == id || c.Document.Mounts.Exists(m => m.ImageId == id));

    /// <summary>What keeps an image from being deleted. Taking its last name away is no reason to delete it then: it stays without a name.</summary>
    private EngineException? ConflictOf(ImageRecord image, bool force)
    {
        // A container that mounts an image needs its layers at every start, and has no other record of them.
        if (parts.Containers.All.FirstOrDefault(c => c.Document.Mounts.Exists(m => m.ImageId == image.Id)) is { } mounting)
        {
            return Conflict(image.Id, hard: true, $"image is being used by {(mounting.State.IsAlive ? "running" : "stopped")} container {mounting.Id[..12]}");
        }

        foreach (Container container in parts.Containers.All.Where(c => c.Document.ImageId == image.Id))
        {
            if (container.State.IsAlive)
            {
                return Conflict(image.Id, hard: true, $"image is being used by running container {container.Id[..12]}");
            }

            if (!force)
            {
                return Conflict(image.Id, hard: false, $"image is being used by stopped container {container.Id[..12]}");
            }
        }

        return null;
    }

    private async Task UntagAsync(ImageRecord image, IReadOnlyList<string> names, List<ImageRemoval> removals)
    {
        if (names.Count == 0)
        {
            return;
        }

        await parts.Database.WriteAsync([.. names.Select(ImageStatements.RemoveName)]);
        foreach (string name in names)
        {
            parts.Table.RemoveName(name);
            removals.Add(new ImageRemoval(ImageFinder.Familiar(name), Deleted: null));
            parts.Events.Publish("image", "untag", image.Id, new Dictionary<string, string> { ["name"] = image.Id });
        }
    }

    private async Task DeleteAsync(ImageRecord image, List<ImageRemoval> removals)
    {
        await parts.Database.WriteAsync(ImageStatements.Remove(image.Id));
        parts.Table.Remove(image.Id);
        removals.Add(new ImageRemoval(Untagged: null, image.Id));
        // Layers that containers use stay until those go.
        HashSet<string> used = parts.Collector.Used();
        removals.AddRange(image.Document.ChainIds.AsEnumerable().Reverse().TakeWhile(chainId => !used.Contains(chainId)).Select(static chainId => new ImageRemoval(Untagged: null, chainId)));
        // The configuration first: an image whose record a power cut brings back is known by its lack to be one that was being removed.
        parts.Collector.DeleteUnused(image.Document.ContentOf(image.Id).Concat(image.Document.ChainIds.AsEnumerable().Reverse()));
        parts.Events.Publish("image", "delete", image.Id, new Dictionary<string, string> { ["name"] = image.Id });
    }
}
