using Tare.Engine.Errors;
using Tare.Engine.Filtering;
using Tare.Oci.Images;
using Tare.Registry;

namespace Tare.Engine.Images;

/// <summary>
/// Images. Where a method takes <c>name</c>, it is a reference with or without tag or digest, an id, or a unique prefix of one; an unknown one is
/// an <see cref="EngineException"/> of class NotFound with Docker's text.
/// </summary>
public sealed class ImageService
{
    private readonly ImageParts _parts;
    private readonly ImageFinder _finder;
    private readonly ImageWriter _writer;
    private readonly ImageRemover _remover;
    private readonly ImagePusher _pusher;

    internal ImageService(ImageParts parts)
    {
        _parts = parts;
        _finder = new ImageFinder(parts.Table);
        _writer = new ImageWriter(parts);
        _remover = new ImageRemover(parts, _finder);
        _pusher = new ImagePusher(parts);
    }

    /// <summary>Number of images.</summary>
    public int Count => _parts.Table.All.Count;

    internal ImageRemover Remover => _remover;

    /// <summary>Pulls an image from its registry.</summary>
    /// <exception cref="EngineException">InvalidArgument: no reference. NotFound, Unauthenticated, DataLoss, Unavailable: as the registry answers.</exception>
    /// <param name="name">The reference; without tag or digest it means latest.</param>
    /// <param name="platform">Platform as <c>os/arch[/variant]</c>; null means this machine's.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="progress">Told of every step.</param>
    /// <param name="cancellationToken">Gives up and undoes.</param>
    /// <returns>The image's id.</returns>
    public async Task<string> PullAsync(string name, string? platform, RegistryAuth? auth, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        ImageReference reference = ImageFinder.Parse(name).WithDefaultTag();
        HashSet<(string Image, string Name)> before = [.. _parts.Table.All.SelectMany(known => _parts.Table.NamesOf(known.Id).Select(text => (known.Id, text)))];
        ImageRecord image = await _writer.PullAsync(reference, PlatformOf(platform), auth, progress, cancellationToken);
        bool known = before.Contains((image.Id, reference.ToString()));
        progress.Report(new PullProgress(null, known ? $"Status: Image is up to date for {reference.Familiar}" : $"Status: Downloaded newer image for {reference.Familiar}"));
        if (!string.IsNullOrEmpty(platform) && Mismatch(image, reference.Familiar, platform) is { } mismatch)
        {
            progress.Report(new PullProgress(null, "WARNING: " + mismatch));
        }

        return image.Id;
    }

    /// <summary>Pulls every tag of a repository.</summary>
    /// <exception cref="EngineException">InvalidArgument: no reference, or one with tag or digest. Else as <see cref="PullAsync"/>.</exception>
    /// <param name="name">The repository.</param>
    /// <param name="platform">Platform as <c>os/arch[/variant]</c>; null means this machine's.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="progress">Told of every step.</param>
    /// <param name="cancellationToken">Gives up; images that are here stay.</param>
    public async Task PullAllAsync(string name, string? platform, RegistryAuth? auth, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        ImageReference repository = ImageFinder.Parse(name);
        Platform wanted = PlatformOf(platform);
        List<string> tags;
        try
        {
            tags = await _parts.Registry.Documents.ListTagsAsync(repository, auth, cancellationToken);
        }
        catch (RegistryException failure)
        {
            throw RegistryService.Translate(failure);
        }

        HashSet<string> before = [.. _parts.Table.All.Select(image => image.Id)];
        bool isNew = false;
        foreach (string tag in tags)
        {
            ImageRecord image = await _writer.PullAsync(ImageFinder.Parse($"{repository.Name}:{tag}"), wanted, auth, progress, cancellationToken);
            isNew |= !before.Contains(image.Id);
        }

        progress.Report(new PullProgress(null, isNew ? $"Status: Downloaded newer image for {repository.FamiliarName}" : $"Status: Image is up to date for {repository.FamiliarName}"));
    }

    /// <summary>Pushes a tag to its registry, or all tags of a repository.</summary>
    /// <exception cref="EngineException">InvalidArgument: no reference, or one with a digest. NotFound: no such image here, or no access there (Docker's texts).</exception>
    /// <param name="name">The repository.</param>
    /// <param name="tag">The tag; null or empty pushes all.</param>
    /// <param name="platform">Only an image of this platform; null means any.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="progress">Told of every step.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was pushed, by tag.</returns>
    public Task<IReadOnlyList<(string Tag, PushedImage Pushed)>> PushAsync(
        string name, string? tag, string? platform, RegistryAuth? auth, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        ImageReference reference = ImageFinder.Parse(name);
        return _pusher.PushAsync(
            string.IsNullOrEmpty(tag) ? reference : Name(name, tag), string.IsNullOrEmpty(platform) ? null : PlatformOf(platform), auth, progress, cancellationToken);
    }

    /// <summary>Says in Docker's words that an image is of another platform than the wished one; null when it is of that one.</summary>
    /// <exception cref="EngineException">InvalidArgument: the platform is not of the form <c>os[/arch[/variant]]</c>.</exception>
    internal static string? Mismatch(ImageRecord image, string name, string platform)
    {
        Platform wanted = PlatformOf(platform);
        Platform own = new() { Os = image.Os, Architecture = image.Architecture, Variant = image.Variant.Length > 0 ? image.Variant : null };
        return own.Matches(wanted) ? null : $"image with reference {name} was found but its platform ({own}) does not match the specified platform ({wanted})";
    }

    /// <summary>Makes an image of one layer from a tar of a root file system, compressed or not.</summary>
    /// <exception cref="EngineException">InvalidArgument: the name or a change is wrong. DataLoss: the tar is corrupt.</exception>
    /// <param name="archive">The tar, read synchronously by a thread that may wait. Closed at the end.</param>
    /// <param name="repository">Name to give it, without tag; null or empty gives none.</param>
    /// <param name="tag">Tag; null or empty means latest.</param>
    /// <param name="changes">Dockerfile instructions: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR …</param>
    /// <param name="message">The image's comment; null or empty means Docker's.</param>
    /// <param name="platform">Platform as <c>os/arch[/variant]</c>; null means this machine's.</param>
    /// <param name="cancellationToken">Gives up and undoes.</param>
    /// <returns>The image's id.</returns>
    public async Task<string> ImportAsync(
        Stream archive, string? repository, string? tag, IReadOnlyList<string> changes, string? message, string? platform, CancellationToken cancellationToken)
    {
        ImageReference? reference = string.IsNullOrEmpty(repository) ? null : Name(repository, tag);
        Platform wanted = PlatformOf(platform);
        if (wanted.Os != Platform.Current.Os)
        {
            EngineErrors.ThrowInvalid("operating system is not supported");
        }

        ImageRecord image = await _writer.ImportAsync(archive, reference, changes, message, wanted, cancellationToken);
        return image.Id;
    }

    /// <summary>Bytes of all layers of all images, each counted once.</summary>
    public long LayersSize() => LayerCounts().Values.Sum(layer => layer.Size);

    /// <summary>Bytes of an image's layers that another image has too.</summary>
    /// <param name="id">Id of the image.</param>
    public long SharedSize(string id)
    {
        Dictionary<string, (int Images, long Size)> layers = LayerCounts();
        return _parts.Table.TryGet(id)?.Document.ChainIds.Sum(chainId => layers[chainId] is { Images: > 1 } layer ? layer.Size : 0) ?? 0;
    }

    private Dictionary<string, (int Images, long Size)> LayerCounts()
    {
        Dictionary<string, (int Images, long Size)> layers = new(StringComparer.Ordinal);
        foreach (ImageRecord image in _parts.Table.All)
        {
            for (int i = 0; i < image.Document.ChainIds.Count; i++)
            {
                long size = i < image.Document.LayerSizes.Count ? image.Document.LayerSizes[i] : 0;
                string chainId = image.Document.ChainIds[i];
                layers[chainId] = (layers.GetValueOrDefault(chainId).Images + 1, size);
            }
        }

        return layers;
    }

    /// <summary>Lists images, the newest first.</summary>
    /// <exception cref="EngineException">InvalidArgument: a filter is wrong.</exception>
    /// <param name="filter">Which of them.</param>
    public IReadOnlyList<ImageSummary> List(ImageFilter filter)
    {
        Filters filters = new(filter.Filters);
        filters.Allow("before", "dangling", "label", "label!", "reference", "since", "until");
        DateTimeOffset? before = filters.Has("before") ? _finder.Find(filters.Get("before")[0]).Created : null;
        DateTimeOffset? since = filters.Has("since") ? _finder.Find(filters.Get("since")[0]).Created : null;
        DateTimeOffset? until = filters.Until(_parts.Time);
        bool? dangling = filters.Boolean("dangling");
        return [.. _parts.Table.All
            .Where(i => filters.MatchLabels(i.Config.Labels) && !(i.Created >= before) && !(i.Created <= since) && !(i.Created >= until))
            .Select(Summarise)
            .Where(s => dangling is null || dangling == (s.RepoTags.Count == 0))
            .Select(s => !filters.Has("reference") ? s : s with
            {
                // As Docker: of an image's names only those that were asked for are shown.
                RepoTags = [.. s.RepoTags.Where(n => filters.Match("reference", pattern => MatchesReference(pattern, n)))],
                RepoDigests = [.. s.RepoDigests.Where(n => filters.Match("reference", pattern => MatchesReference(pattern, n)))],
            })
            .Where(s => !filters.Has("reference") || s.RepoTags.Count + s.RepoDigests.Count > 0)
            .OrderByDescending(s => s.Created)];
    }

    /// <summary>Tells all about an image.</summary>
    /// <exception cref="EngineException">NotFound: there is none, or it is of another platform (Docker's texts).</exception>
    /// <param name="name">Which.</param>
    /// <param name="platform">The platform that it must be of; null for any.</param>
    public ImageDetails Inspect(string name, string? platform = null)
    {
        ImageRecord image = _finder.Find(name);
        if (!string.IsNullOrEmpty(platform) && Mismatch(image, name, platform) is { } mismatch)
        {
            throw new EngineException(ErrorClass.NotFound, mismatch);
        }

        (List<string> tags, List<string> digests) = NamesOf(image.Id);
        return new ImageDetails
        {
            Id = image.Id,
            RepoTags = tags,
            RepoDigests = digests,
            Comment = image.Comment,
            Author = image.Author,
            Created = image.Created,
            Config = image.Config,
            Architecture = image.Architecture,
            Variant = image.Variant,
            Os = image.Os,
            Size = image.Size,
            DiffIds = image.DiffIds,
            LayerPaths = [.. image.Document.ChainIds.AsEnumerable().Reverse().Select(c => _parts.Layers.PathOf(Digest.Parse(c)))],
            LastTagTime = _parts.Table.LastTagged(image.Id),
        };
    }

    /// <summary>Tells how an image was made, the newest step first.</summary>
    /// <param name="name">Which.</param>
    public IReadOnlyList<ImageHistoryEntry> History(string name)
    {
        ImageRecord image = _finder.Find(name);
        List<ImageHistoryEntry> steps = [.. image.History.Reverse()];
        if (steps.Count > 0)
        {
            steps[0] = steps[0] with { Id = image.Id, Tags = NamesOf(image.Id).Tags };
        }

        return steps;
    }

    /// <summary>Gives an image a further name; a name that another image had moves.</summary>
    /// <param name="name">Which.</param>
    /// <param name="repository">The new name without tag.</param>
    /// <param name="tag">The tag; null or empty means latest.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task TagAsync(string name, string repository, string? tag, CancellationToken cancellationToken)
    {
        ImageReference reference = Name(repository, tag);
        await _parts.Turn.WaitAsync(cancellationToken);
        try
        {
            ImageRecord image = _finder.Find(name);
            DateTimeOffset now = _parts.Time.GetUtcNow();
            await _parts.Database.WriteAsync(ImageStatements.SetName(reference.ToString(), image.Id, now));
            _parts.Table.SetName(reference.ToString(), image.Id, now);
            _parts.Events.Publish("image", "tag", image.Id, new Dictionary<string, string> { ["name"] = reference.Familiar });
        }
        finally
        {
            _parts.Turn.Release();
        }
    }

    /// <summary>Removes a name, and the image with its layers when it was the last one.</summary>
    /// <exception cref="EngineException">Conflict: containers use it, or an id has several names (Docker's texts).</exception>
    /// <param name="name">Which.</param>
    /// <param name="force">Whether names and stopped containers do not hinder.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<IReadOnlyList<ImageRemoval>> RemoveAsync(string name, bool force, CancellationToken cancellationToken) =>
        _remover.RemoveAsync(name, force, cancellationToken);

    /// <summary>Removes images that no container uses.</summary>
    /// <param name="filters">Docker's filters: dangling (default true), label, until.</param>
    /// <param name="cancellationToken">Gives up between two.</param>
    /// <returns>What went, and the bytes that came free.</returns>
    public async Task<(IReadOnlyList<ImageRemoval> Removed, long Bytes)> PruneAsync(IReadOnlyDictionary<string, IReadOnlyList<string>> filters, CancellationToken cancellationToken)
    {
        Filters chosen = new(filters);
        chosen.Allow("dangling", "label", "label!", "until");
        bool danglingOnly = chosen.Boolean("dangling") ?? true;
        DateTimeOffset? until = chosen.Until(_parts.Time);
        List<ImageRemoval> removed = [];
        long bytes = 0;
        foreach (ImageRecord image in _parts.Table.All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool unused = !_parts.Containers.All.Any(c => c.Document.ImageId == image.Id);
            bool wanted = unused && (!danglingOnly || NamesOf(image.Id).Tags.Count == 0) && chosen.MatchLabels(image.Config.Labels) && !(image.Created >= until);
            if (wanted)
            {
                removed.AddRange(await _remover.RemoveAsync(image.Id, force: true, cancellationToken));
                bytes += image.Size;
            }
            else if (!unused && !danglingOnly && chosen.MatchLabels(image.Config.Labels) && !(image.Created >= until))
            {
                // One name is enough for those who use it: the last in order stays.
                foreach (string tag in NamesOf(image.Id).Tags.SkipLast(1))
                {
                    removed.AddRange(await _remover.RemoveAsync(tag, force: false, cancellationToken));
                }
            }
        }

        // And what no image has: layers and blobs of pulls that failed.
        bytes += await _remover.SweepAsync(cancellationToken);
        await _parts.Collector.DrainAsync();
        return (removed, bytes);
    }

    /// <summary>Finds an image for a container.</summary>
    internal ImageRecord Find(string name) => _finder.Find(name);

    private static bool MatchesReference(string pattern, string name)
    {
        int colon = name.LastIndexOf(name.Contains('@', StringComparison.Ordinal) ? '@' : ':');
        return Filters.MatchesGlob(pattern, name) || Filters.MatchesGlob(pattern, name[..colon]);
    }

    internal static ImageReference Name(string repository, string? tag)
    {
        ImageReference parsed = ImageFinder.Parse(string.IsNullOrEmpty(tag) ? repository : $"{repository}:{tag}");
        if (parsed.Familiar.StartsWith("sha256:", StringComparison.Ordinal))
        {
            EngineErrors.ThrowInvalid("refusing to create an ambiguous tag using digest algorithm as name");
        }

        return parsed.Digest is null ? parsed.WithDefaultTag() : throw new EngineException(ErrorClass.InvalidArgument, "refusing to create a tag with a digest reference");
    }

    internal static Platform PlatformOf(string? text)
    {
        try
        {
            return string.IsNullOrEmpty(text) ? Platform.Current : Platform.Parse(text);
        }
        catch (FormatException e)
        {
            throw new EngineException(ErrorClass.InvalidArgument, e.Message, e);
        }
    }

    private (List<string> Tags, List<string> Digests) NamesOf(string id)
    {
        List<ImageReference> names = [.. _parts.Table.NamesOf(id).Select(ImageReference.Parse)];
        return ([.. names.Where(n => n.Digest is null).Select(n => n.Familiar)], [.. names.Where(n => n.Digest is not null).Select(n => n.Familiar)]);
    }

    private ImageSummary Summarise(ImageRecord image)
    {
        (List<string> tags, List<string> digests) = NamesOf(image.Id);
        return new ImageSummary
        {
            Id = image.Id,
            RepoTags = tags,
            RepoDigests = digests,
            Created = image.Created,
            Size = image.Size,
            Labels = image.Config.Labels ?? [],
            Containers = _parts.Containers.All.Count(c => c.Document.ImageId == image.Id),
        };
    }
}
