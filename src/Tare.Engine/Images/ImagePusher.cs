using System.Text.Json;
using Tare.Engine.Errors;
using Tare.Engine.State;
using Tare.Oci.Images;
using Tare.Registry;
using Tare.Storage;

namespace Tare.Engine.Images;

/// <summary>Sends images to registries. An image that was pulled goes out as the same manifest and blobs by which it came.</summary>
/// <param name="parts">The image parts.</param>
internal sealed class ImagePusher(ImageParts parts)
{
    private readonly LayerBlobs _blobs = new(parts);

    /// <summary>Pushes a tag, or all tags of a repository.</summary>
    /// <param name="repository">The repository with the tag; without one, all tags.</param>
    /// <param name="platform">Only this platform; null for what there is.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="progress">Told of every step.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was pushed, by tag.</returns>
    public async Task<IReadOnlyList<(string Tag, PushedImage Pushed)>> PushAsync(
        ImageReference repository, Platform? platform, RegistryAuth? auth, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        if (repository.Digest is not null)
        {
            throw new EngineException(ErrorClass.InvalidArgument, "cannot push a digest reference");
        }

        progress.Report(new PullProgress(null, $"The push refers to repository [{repository.Name}]"));
        List<(ImageReference Tag, ImageRecord Image)> chosen = Choose(repository, platform);
        List<(string, PushedImage)> pushed = [];
        foreach ((ImageReference tag, ImageRecord image) in chosen)
        {
            pushed.Add((tag.Tag!, await PushOneAsync(tag, image, auth, progress, cancellationToken)));
        }

        return pushed;
    }

    private List<(ImageReference Tag, ImageRecord Image)> Choose(ImageReference repository, Platform? platform)
    {
        List<ImageReference> tags = [.. parts.Table.All.SelectMany(image => parts.Table.NamesOf(image.Id)).Select(ImageReference.Parse)
            .Where(name => name.Name == repository.Name && name.Digest is null)];
        if (tags.Count == 0)
        {
            throw new EngineException(ErrorClass.NotFound, $"An image does not exist locally with the tag: {repository.FamiliarName}");
        }

        if (repository.Tag is not null)
        {
            tags = [.. tags.Where(name => name.Tag == repository.Tag)];
            if (tags.Count == 0)
            {
                throw new EngineException(ErrorClass.NotFound, $"tag does not exist: {repository.Familiar}");
            }
        }

        List<(ImageReference, ImageRecord)> chosen = [];
        foreach (ImageReference tag in tags.OrderBy(name => name.Tag, StringComparer.Ordinal))
        {
            if (parts.Table.TryGetByName(tag.ToString()) is not { } image)
            {
                continue; // removed meanwhile
            }

            if (platform is not null && ImageService.Mismatch(image, tag.Familiar, platform.ToString()) is { } mismatch)
            {
                throw new EngineException(ErrorClass.NotFound, mismatch);
            }

            chosen.Add((tag, image));
        }

        return chosen;
    }

    private async Task<PushedImage> PushOneAsync(ImageReference tag, ImageRecord image, RegistryAuth? auth, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        await using ImageLease lease = parts.Leases.Take();
        if (!lease.TryHold(image))
        {
            throw new EngineException(ErrorClass.NotFound, $"tag does not exist: {tag.Familiar}");
        }

        PushManifest? known = KnownManifest(image);
        bool isNew = known is null;
        List<UploadBlob> made = [];
        PushImage push = new()
        {
            Reference = tag,
            Config = _blobs.Blob(Digest.Parse(image.Id)),
            Layers = [.. image.DiffIds.Select((diffId, i) => new PushLayer(Digest.Parse(diffId), MountsFor(image, i, tag), stop => _blobs.GetAsync(image, i, lease, stop), image.Document.ForeignLayer(i) is not null))],
            Manifest = blobs =>
            {
                made.AddRange(blobs);
                return known ??= NewManifest(image, blobs);
            },
        };
        PushedImage pushed;
        try
        {
            pushed = await parts.Registry.PushAsync(push, auth, progress, cancellationToken);
        }
        catch (RegistryException failure)
        {
            throw RegistryService.Translate(failure);
        }
        catch (Exception failure) when (failure is StorageException or FileNotFoundException)
        {
            throw new EngineException(ErrorClass.NotFound, $"push {tag.Familiar}: {failure.Message}", failure);
        }

        await RecordAsync(image, tag, isNew ? known : null, made, pushed.Digest, lease, cancellationToken);
        parts.Events.Publish("image", "push", tag.Familiar, new Dictionary<string, string> { ["name"] = tag.FamiliarName });
        return pushed;
    }

    /// <summary>The manifest that the image came by; null when there is none, or when blobs of it are not here: then the layers were here already, by other blobs.</summary>
    private PushManifest? KnownManifest(ImageRecord image)
    {
        if (!_blobs.HasAll(image) || !Digest.TryParse(image.Document.ManifestDigest, out Digest digest) || !parts.Content.Contains(digest))
        {
            return null;
        }

        byte[] content = parts.Content.ReadAllBytes(digest);
        ImageManifest? manifest = JsonSerializer.Deserialize(content, ImagesJson.Default.ImageManifest);
        // A manifest without a media type of its own is OCI's, where the types of its layers do not say Docker's.
        string type = manifest?.MediaType ?? (manifest?.Config?.MediaType == MediaTypes.DockerConfig ? MediaTypes.DockerManifest : MediaTypes.OciManifest);
        return new PushManifest(content, type);
    }

    private PushManifest NewManifest(ImageRecord image, IReadOnlyList<UploadBlob> blobs)
    {
        UploadBlob config = _blobs.Blob(Digest.Parse(image.Id));
        ImageManifest manifest = new()
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.OciManifest,
            Config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = config.Digest.ToString(), Size = config.Size },
            Layers = [.. blobs.Select((blob, i) => image.Document.ForeignLayer(i) ?? new Descriptor { MediaType = LayerBlobs.MediaTypeOf(blob), Digest = blob.Digest.ToString(), Size = blob.Size })],
        };
        return new PushManifest(JsonSerializer.SerializeToUtf8Bytes(manifest, ImagesJson.Plain.ImageManifest), MediaTypes.OciManifest);
    }

    /// <summary>Repositories of the same registry that are known to have a layer's blob: from there the registry takes it without an upload.</summary>
    private List<string> MountsFor(ImageRecord image, int index, ImageReference target)
    {
        if (image.Document.LayerDigests.Count <= index)
        {
            return [];
        }

        string blob = image.Document.LayerDigests[index];
        return [.. parts.Table.All.Where(other => other.Document.LayerDigests.Contains(blob))
            .SelectMany(other => parts.Table.NamesOf(other.Id)).Select(ImageReference.Parse)
            // A digest among an image's names says that it was in that repository; a tag alone may be wishful.
            .Where(name => name.Digest is not null && name.Domain == target.Domain && name.Path != target.Path)
            .Select(name => name.Path).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Keeps that the repository has the image, and what the push made: a manifest and blobs of layers.</summary>
    private async Task RecordAsync(ImageRecord image, ImageReference tag, PushManifest? made, List<UploadBlob> blobs, Digest digest, ImageLease lease, CancellationToken cancellationToken)
    {
        if (made is not null)
        {
            lease.Hold(Digest.Of(made.Content));
            await parts.Content.StoreAsync(made.Content, cancellationToken);
        }

        await parts.Turn.WaitAsync(cancellationToken);
        try
        {
            if (parts.Table.TryGet(image.Id) is not { } current)
            {
                lease.Condemn();
                return; // removed meanwhile
            }

            string name = $"{tag.Name}@{digest}";
            DateTimeOffset now = parts.Time.GetUtcNow();
            List<Statement> statements = [ImageStatements.SetName(name, image.Id, now)];
            ImageRecord updated = current;
            if (made is not null)
            {
                updated = current with { Document = current.Document.WithBlobs(digest.ToString(), [.. blobs.Select(blob => blob.Digest.ToString())]) };
                statements.Add(ImageStatements.SetDocument(image.Id, updated.Document));
            }

            await parts.Database.WriteSyncedAsync([.. statements]);
            parts.Table.Put(updated);
            parts.Table.SetName(name, image.Id, now);
            // An archive that was compressed, a manifest that another one replaced.
            parts.Collector.DeleteUnused(current.Document.ContentOf(current.Id));
        }
        finally
        {
            parts.Turn.Release();
        }
    }
}
