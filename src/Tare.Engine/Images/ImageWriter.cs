using System.Text.Json;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.State;
using Tare.Oci.Images;
using Tare.Registry;
using Tare.Storage;
using Tare.Storage.Content;
using Tare.Storage.Layers;

namespace Tare.Engine.Images;

/// <summary>Brings images in: pulls and imports.</summary>
/// <param name="parts">The image parts.</param>
internal sealed class ImageWriter(ImageParts parts)
{
    /// <summary>
    /// Pulls an image and gives it its name. What a failed pull brought whole stays for the next one, until a prune or the next start collects it; the beginnings of what it did not bring whole stay
    /// for a day, or until a prune.
    /// </summary>
    public async Task<ImageRecord> PullAsync(ImageReference reference, Platform platform, RegistryAuth? auth, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        await using ImageLease lease = parts.Leases.Take();
        parts.Content.DropParts(ContentStore.PartLifetime);
        PulledImage pulled;
        try
        {
            pulled = await parts.Registry.PullAsync(reference, platform, auth, lease.Hold, progress, cancellationToken);
        }
        catch (RegistryException e)
        {
            if (e.Kind == RegistryErrorKind.NoSpace)
            {
                lease.Condemn(); // what fills the disk helps nobody
            }

            throw RegistryService.Translate(e);
        }
        catch (StorageException e)
        {
            throw new EngineException(ClassOf(e.Kind), e.Message, e);
        }
        catch (IOException e)
        {
            lease.Condemn();
            throw new EngineException(ErrorClass.ResourceExhausted, $"pull {reference.Familiar}: {e.Message}", e);
        }

        ImageDocument document = new()
        {
            ManifestDigest = pulled.ManifestDigest.ToString(),
            IndexDigest = pulled.IndexDigest?.ToString(),
            LayerDigests = [.. pulled.LayerDigests.Select(d => d.ToString())],
            ChainIds = [.. pulled.ChainIds.Select(c => c.ToString())],
            LayerSizes = [.. pulled.ChainIds.Select(parts.Layers.SizeOf)],
            ForeignLayers = ImageDocument.ForeignOf(pulled.Layers),
        };
        ImageRecord image = ImageReader.Read(pulled.ConfigDigest.ToString(), document, pulled.Configuration);
        List<string> names = [$"{reference.Name}@{pulled.ReferenceDigest}"];
        if (reference.Tag is not null)
        {
            names.Add(reference.ToString());
        }

        await parts.Turn.WaitAsync(CancellationToken.None);
        try
        {
            await RecordAsync(image, names);
        }
        finally
        {
            parts.Turn.Release();
        }

        parts.Events.Publish("image", "pull", reference.Familiar, new Dictionary<string, string> { ["name"] = reference.FamiliarName });
        return image;
    }

    /// <summary>Makes an image of one layer from an archive, which is read synchronously by a thread that may wait, and closed.</summary>
    public async Task<ImageRecord> ImportAsync(
        Stream archive, ImageReference? reference, IReadOnlyList<string> changes, string? message, Platform platform, CancellationToken cancellationToken)
    {
        ContainerConfig config = new();
        ChangeInstructions.Apply(config, changes);
        try
        {
            using StagedLayer layer = await Task.Run(() => parts.Layers.Unpack(archive, cancellationToken, keepsArchive: true), cancellationToken);
            DateTimeOffset now = parts.Time.GetUtcNow();
            string comment = string.IsNullOrEmpty(message) ? "Imported from -" : message;
            ImageConfiguration configuration = new()
            {
                Created = now,
                Comment = comment,
                Architecture = platform.Architecture,
                Variant = platform.Variant,
                Os = platform.Os,
                Config = JsonSerializer.SerializeToElement(config, EngineJson.Default.ContainerConfig),
                RootFs = new ImageRootFs { DiffIds = [layer.DiffId.ToString()] },
                History = [new ImageHistory { Created = now, Comment = comment }],
            };
            byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(configuration, ImagesJson.Default.ImageConfiguration);
            Digest id = Digest.Of(bytes);
            Digest chainId = configuration.ChainIds()[0];
            ImageDocument document = new() { LayerDigests = [layer.DiffId.ToString()], ChainIds = [chainId.ToString()], LayerSizes = [layer.SizeBytes] };
            ImageRecord image = ImageReader.Read(id.ToString(), document, configuration);
            await parts.Turn.WaitAsync(cancellationToken);
            try
            {
                parts.Layers.Commit(layer, chainId);
                await parts.Content.StoreAsync(bytes, cancellationToken);
                await RecordAsync(image, reference is null ? [] : [reference.ToString()]);
            }
            finally
            {
                parts.Turn.Release();
            }

            parts.Events.Publish("image", "import", image.Id, new Dictionary<string, string> { ["name"] = reference?.Familiar ?? image.Id });
            return image;
        }
        catch (StorageException e)
        {
            throw new EngineException(ClassOf(e.Kind), $"import: {e.Message}", e);
        }
        catch (IOException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EngineException(ErrorClass.ResourceExhausted, $"import: {e.Message}", e);
        }
    }

    internal static ErrorClass ClassOf(StorageErrorKind kind) => kind switch
    {
        StorageErrorKind.NoSpace => ErrorClass.ResourceExhausted,
        StorageErrorKind.Missing => ErrorClass.NotFound,
        StorageErrorKind.Refused => ErrorClass.Internal,
        _ => ErrorClass.DataLoss,
    };

    /// <summary>Stores an image and its names. Preconditions: the turn is held.</summary>
    internal async Task RecordAsync(ImageRecord image, IReadOnlyList<string> names)
    {
        parts.Layers.Inherit([.. image.Document.ChainIds.Select(Digest.Parse)]);
        DateTimeOffset now = parts.Time.GetUtcNow();
        byte[] document = JsonSerializer.SerializeToUtf8Bytes(image.Document, StateJson.Default.ImageDocument);
        await parts.Database.WriteSyncedAsync(
            [new Statement("INSERT OR REPLACE INTO images (id, document) VALUES ($1, $2)", image.Id, document), .. names.Select(n => ImageStatements.SetName(n, image.Id, now))]);
        parts.Table.Put(image);
        foreach (string name in names)
        {
            parts.Table.SetName(name, image.Id, now);
        }
    }
}
