using System.Globalization;
using System.Text.Json;
using Tare.Engine.Errors;
using Tare.Engine.State;
using Tare.Oci.Images;
using Tare.Storage;
using Tare.Storage.Archives;
using Tare.Storage.Layers;

namespace Tare.Engine.Images.Archives;

/// <summary>Loads images from an archive that is read once. Everything is checked before the first image appears; of an archive that is refused nothing is left.</summary>
/// <param name="parts">The image parts.</param>
internal sealed class ImageLoader(ImageParts parts)
{
    /// <summary>Loads all images of an archive. Once per object.</summary>
    /// <exception cref="EngineException">InvalidArgument, DataLoss: the archive is none, or damaged. ResourceExhausted: no space.</exception>
    public async Task LoadAsync(Stream source, Platform? platform, Action<LoadProgress> progress, CancellationToken cancellationToken)
    {
        // What is stored is held, and goes at the end, save what an image has by then. What was here before is asked for when the archive has been read, in the turn in which the images appear.
        await using ImageLease lease = parts.Leases.Take();
        using ImageArchive archive = await Task.Factory.StartNew(
            () => Read(source, lease, progress, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await parts.Turn.WaitAsync(cancellationToken);
        try
        {
            List<(ImageInArchive Source, ImageRecord Record)> images = [.. new ArchiveContents(archive, platform ?? Platform.Current).Read().Select(image => (image, Check(image, platform)))];
            if (images.Count == 0)
            {
                throw ArchiveContents.Invalid("the archive holds no image");
            }

            Dictionary<ArchivedFile, (Digest ChainId, Digest DiffId)> placed = [];
            foreach ((ImageInArchive image, ImageRecord record) in images)
            {
                await PlaceAsync(image, record, placed, lease, cancellationToken);
                await RecordAsync(image, record, lease, progress);
            }
        }
        catch (StorageException e)
        {
            throw Translate(e);
        }
        finally
        {
            parts.Turn.Release();
        }
    }

    private ImageArchive Read(Stream source, ImageLease lease, Action<LoadProgress> progress, CancellationToken cancellationToken)
    {
        // What is here already is not told.
        HashSet<string> known = [.. parts.Table.All.SelectMany(static i => i.DiffIds).Select(static d => Digest.Parse(d).Hex)];
        try
        {
            return new ImageArchiveReader(parts.Content, parts.Layers, digest => Keep(lease, digest)).Read(
                source,
                (path, done, total) =>
                {
                    string name = IdOf(path);
                    if (!known.Contains(name))
                    {
                        progress(new LoadProgress(name[..Math.Min(12, name.Length)], "Loading layer", done, total));
                    }
                },
                cancellationToken);
        }
        catch (StorageException e)
        {
            throw Translate(e);
        }
        catch (IOException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EngineException(ErrorClass.Internal, $"Error processing tar file: {e.Message}", e);
        }
    }

    private static void Keep(ImageLease lease, Digest digest)
    {
        lease.Hold(digest);
        lease.Condemn(digest);
    }

    // blobs/sha256/HEX, or HEX/layer.tar of older archives.
    private static string IdOf(string path)
    {
        string[] words = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return words is [.., string folder, "layer.tar"] ? folder : words.Length > 0 ? words[^1] : path;
    }

    private static EngineException Translate(StorageException e) =>
        new(ImageWriter.ClassOf(e.Kind) is ErrorClass.DataLoss ? ErrorClass.InvalidArgument : ImageWriter.ClassOf(e.Kind), $"Error processing tar file: {e.Message}", e);

    private ImageRecord Check(ImageInArchive image, Platform? platform)
    {
        Digest id = Digest.Of(image.Configuration);
        ImageRecord probe = ImageReader.Read(id.ToString(), new ImageDocument(), image.Configuration);
        IReadOnlyList<Digest> diffIds = [.. probe.DiffIds.Select(static text => Digest.TryParse(text, out Digest digest) ? digest : throw ArchiveContents.Invalid($"\"{text}\" is no diff ID"))];
        if (diffIds.Count != image.Layers.Count)
        {
            throw ArchiveContents.Invalid(string.Create(CultureInfo.InvariantCulture, $"invalid manifest, layers length mismatch: expected {image.Layers.Count}, got {diffIds.Count}"));
        }

        if (platform is not null && !new Platform { Os = probe.Os, Architecture = probe.Architecture, Variant = probe.Variant.Length > 0 ? probe.Variant : null }.Matches(platform))
        {
            throw new EngineException(ErrorClass.NotFound, $"requested platform ({platform}) not found in the archive: image {id} is for {probe.Os}/{probe.Architecture}");
        }

        if (probe.Os != "linux")
        {
            throw ArchiveContents.Invalid($"cannot load {probe.Os} image on linux");
        }

        IReadOnlyList<Digest> chainIds = ChainId.Of([.. diffIds]);
        List<string> archives = [];
        for (int i = 0; i < diffIds.Count; i++)
        {
            ArchivedFile? file = image.Layers[i];
            if (file?.Layer is not { } layer)
            {
                archives.Add(parts.Layers.Contains(chainIds[i])
                    ? ArchiveOfKnown(chainIds[i], diffIds[i])
                    : throw ArchiveContents.Invalid($"the archive lacks layer {diffIds[i]} of image {id}"));
                continue;
            }

            if (layer.DiffId != diffIds[i])
            {
                throw ArchiveContents.Invalid(string.Create(CultureInfo.InvariantCulture, $"invalid diffID for layer {i}: expected \"{diffIds[i]}\", got \"{layer.DiffId}\""));
            }

            // A layer that is here keeps the archive that it has: only a blob that came now is another.
            archives.Add(file.IsStored ? file.Digest.ToString() : parts.Layers.Contains(chainIds[i]) ? ArchiveOfKnown(chainIds[i], diffIds[i]) : diffIds[i].ToString());
        }

        ImageDocument document = new()
        {
            ForeignLayers = image.Manifest is null ? null : ImageDocument.ForeignOf(JsonSerializer.Deserialize(image.Manifest, ImagesJson.Default.ImageManifest)?.Layers ?? []),
            ManifestDigest = image.Manifest is null ? parts.Table.TryGet(id.ToString())?.Document.ManifestDigest : Digest.Of(image.Manifest).ToString(),
            LayerDigests = archives,
            ChainIds = [.. chainIds.Select(static c => c.ToString())],
            LayerSizes = [.. chainIds.Select((chain, i) => parts.Layers.Contains(chain) ? parts.Layers.SizeOf(chain) : image.Layers[i]!.Layer!.SizeBytes)],
        };
        return probe with { Document = document, History = ImageReader.Read(id.ToString(), document, image.Configuration).History };
    }

    // The archive of a layer that another image brought.
    private string ArchiveOfKnown(Digest chainId, Digest diffId)
    {
        string text = chainId.ToString();
        foreach (ImageRecord other in parts.Table.All)
        {
            int at = other.Document.ChainIds.IndexOf(text);
            if (at >= 0 && other.Document.LayerDigests.Count == other.DiffIds.Count)
            {
                return other.Document.LayerDigests[at];
            }
        }

        return diffId.ToString();
    }

    private async Task PlaceAsync(ImageInArchive image, ImageRecord record, Dictionary<ArchivedFile, (Digest ChainId, Digest DiffId)> placed, ImageLease lease, CancellationToken cancellationToken)
    {
        for (int i = 0; i < record.DiffIds.Count; i++)
        {
            Digest chainId = Digest.Parse(record.Document.ChainIds[i]);
            if (parts.Layers.Contains(chainId))
            {
                continue;
            }

            ArchivedFile file = image.Layers[i]!;
            Keep(lease, chainId);
            if (placed.TryAdd(file, (chainId, file.Layer!.DiffId)))
            {
                await Task.Run(() => parts.Layers.Commit(file.Layer, chainId), cancellationToken);
                continue;
            }

            // The same layer over another base: unpacked once more.
            (Digest first, Digest diffId) = placed[file];
            await Task.Run(
                () =>
                {
                    using Stream archive = file.IsStored ? parts.Content.OpenRead(file.Digest) : parts.Layers.OpenArchive(first);
                    using StagedLayer copy = parts.Layers.Unpack(archive, cancellationToken, keepsArchive: !file.IsStored);
                    parts.Layers.Commit(copy.DiffId == diffId ? copy : throw new StorageException($"layer {diffId} is damaged on the disk"), chainId);
                },
                cancellationToken);
        }
    }

    private async Task RecordAsync(ImageInArchive image, ImageRecord record, ImageLease lease, Action<LoadProgress> progress)
    {
        foreach (byte[] document in (byte[][])(image.Manifest is null ? [image.Configuration] : [image.Configuration, image.Manifest]))
        {
            Keep(lease, Digest.Of(document));
            await parts.Content.StoreAsync(document, CancellationToken.None);
        }

        foreach (string name in image.Names)
        {
            if (parts.Table.TryGetByName(name) is { } old && old.Id != record.Id)
            {
                progress(Line($"The image {ImageFinder.Familiar(name)} already exists, renaming the old one with ID {old.Id} to empty string\n"));
            }
        }

        await new ImageWriter(parts).RecordAsync(record, image.Names);
        foreach (string name in image.Names)
        {
            progress(Line($"Loaded image: {ImageFinder.Familiar(name)}\n"));
        }

        if (image.Names.Count == 0)
        {
            progress(Line($"Loaded image ID: {record.Id}\n"));
        }

        parts.Events.Publish("image", "load", record.Id, new Dictionary<string, string> { ["name"] = record.Id });
    }

    private static LoadProgress Line(string text) => new(null, "", Text: text);
}
