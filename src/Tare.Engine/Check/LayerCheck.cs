using Tare.Engine.Images;
using Tare.Engine.Images.Archives;
using Tare.Engine.Lifecycle;
using Tare.Engine.State;
using Tare.Linux;
using Tare.Oci.Images;
using Tare.Storage;
using Tare.Storage.Layers;

namespace Tare.Engine.Check;

/// <summary>
/// Compares the tree of every layer with its archive: the archive is unpacked once more, its digest compared, and the trees are compared. A damaged tree is replaced by the new one, unless a
/// container runs on it. A compressed blob that is missing is made again from the tree, where it is known how its archive was. Finds layers that belong to nothing.
/// </summary>
/// <param name="state">The check.</param>
internal sealed class LayerCheck(CheckState state)
{
    private readonly HashSet<string> _seen = [];
    private readonly HashSet<string> _made = []; // blobs that were made again, or cannot be

    /// <summary>Checks.</summary>
    /// <returns>How many layers were compared.</returns>
    public async Task<int> RunAsync()
    {
        foreach ((string id, ImageDocument document) in state.Images.Table.Documents)
        {
            await CheckImageAsync(id, document);
        }

        foreach (Digest chainId in state.Images.Layers.Enumerate().ToList())
        {
            await CheckUseAsync(chainId);
        }

        return _seen.Count;
    }

    private async Task CheckImageAsync(string id, ImageDocument document)
    {
        if (ConfigurationOf(id, document) is not { } image || image.DiffIds.Count != document.ChainIds.Count)
        {
            return; // told by the check of the records
        }

        await using ImageLease lease = state.Images.Leases.Take();
        foreach (string digest in document.ContentOf(id).Concat(document.ChainIds))
        {
            lease.Hold(Digest.Parse(digest));
        }

        for (int i = 0; i < image.DiffIds.Count && state.DocumentOf(id) is not null; i++)
        {
            // Another image may have the archive that this one lacks.
            string chainId = document.ChainIds[i];
            if (!_seen.Contains(chainId) && !state.DamagedLayers.Contains(chainId) && await CheckLayerAsync(image, i))
            {
                _seen.Add(chainId);
            }

            await CheckBlobAsync(image, i, lease);
        }
    }

    private ImageRecord? ConfigurationOf(string id, ImageDocument document)
    {
        try
        {
            return ImageReader.Read(id, document, state.Images.Content.ReadAllBytes(Digest.Parse(id)));
        }
        catch (Exception failure) when (failure is StorageException or Errors.EngineException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Compares a layer with the archive that an image has of it.</summary>
    /// <returns>Whether the archive could be read.</returns>
    private async Task<bool> CheckLayerAsync(ImageRecord image, int index)
    {
        Digest chainId = Digest.Parse(image.Document.ChainIds[index]);
        string path = Path.GetDirectoryName(state.Images.Layers.PathOf(chainId))!;
        StagedLayer? fresh = null;
        string? archiveFault = null;
        try
        {
            fresh = await Task.Factory.StartNew(
                () => Unpack(image, index), state.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            state.Images.Layers.Inherit(fresh, image.Document.ChainIds.Take(index).Select(Digest.Parse).Where(state.Images.Layers.Contains));
            archiveFault = fresh.DiffId.ToString() == image.DiffIds[index] ? null : $"its archive has diff ID {fresh.DiffId}, not {image.DiffIds[index]}";
        }
        catch (Exception failure) when (failure is StorageException or LinuxException or InvalidDataException)
        {
            archiveFault = $"its archive cannot be read: {failure.Message}";
            if (failure is StorageException { Kind: StorageErrorKind.NoSpace })
            {
                await state.AddAsync(new CheckFinding("layer", chainId.ToString(), path, $"cannot be compared with its archive: {failure.Message}", "make room and check again"), null);
                return true;
            }
        }

        using (fresh)
        {
            string? fault = archiveFault is null ? FaultOf(chainId, image.Document.LayerSizes.ElementAtOrDefault(index), fresh!)
                : !Directory.Exists(state.Images.Layers.PathOf(chainId)) ? $"its tree is missing, and {archiveFault}"
                // Where a blob keeps the archive, that is what is damaged; else the tree is, from which the archive is written.
                : state.Images.Layers.HasArchive(chainId) ? archiveFault
                : null;
            if (fault is null)
            {
                return archiveFault is null;
            }

            state.DamagedLayers.Add(chainId.ToString());
            if (archiveFault is not null)
            {
                state.LostLayers.Add(chainId.ToString());
            }

            await state.AddAsync(
                new CheckFinding("layer", chainId.ToString(), path, fault, Remedy(chainId, archiveFault is null)),
                archiveFault is null ? () => ReplaceAsync(chainId, fresh!) : null);
            return archiveFault is null;
        }
    }

    // A blob that is damaged keeps nothing; the tree may.
    private StagedLayer Unpack(ImageRecord image, int index)
    {
        Digest chainId = Digest.Parse(image.Document.ChainIds[index]);
        bool hasArchive = state.Images.Layers.HasArchive(chainId);
        Stream archive = hasArchive && IsLost(image, index) ? state.Images.Layers.OpenArchive(chainId) : new LayerArchives(state.Images).Open(image, index);
        return state.Images.Layers.Unpack(archive, state.CancellationToken, keepsArchive: hasArchive);
    }

    private bool IsLost(ImageRecord image, int index)
        => index < image.Document.LayerDigests.Count && image.Document.LayerDigests[index] is { } blob && blob != image.DiffIds[index] && state.IsLost(blob);

    /// <summary>Makes a missing blob again, which a push compressed from the same tree.</summary>
    private async Task CheckBlobAsync(ImageRecord image, int index, ImageLease lease)
    {
        Digest chainId = Digest.Parse(image.Document.ChainIds[index]);
        if (!IsLost(image, index) || state.DamagedLayers.Contains(chainId.ToString()) || !state.Images.Layers.HasArchive(chainId) || !_made.Add(image.Document.LayerDigests[index]))
        {
            return;
        }

        Digest blob = Digest.Parse(image.Document.LayerDigests[index]);
        await state.AddAsync(
            new CheckFinding("blob", blob.ToString(), state.Images.Content.PathOf(blob), $"it is missing or damaged, and layer {chainId} has all that it is made of", "tare system check --repair makes it again"),
            async () =>
            {
                using Stream archive = state.Images.Layers.OpenArchive(chainId);
                (Digest made, _) = await new LayerCompressor(state.Images.Content).CompressAsync(archive, Digest.Parse(image.DiffIds[index]), made => Keep(made, blob, lease), state.CancellationToken);
                if (made != blob)
                {
                    return null; // compressed by something else: it goes with the lease
                }

                state.DamagedBlobs.Remove(blob.ToString());
                return "made again";
            });
    }

    private static void Keep(Digest made, Digest wanted, ImageLease lease)
    {
        lease.Hold(made);
        if (made != wanted)
        {
            lease.Condemn(made);
        }
    }

    private string? FaultOf(Digest chainId, long recordedSize, StagedLayer fresh)
    {
        if (!Directory.Exists(state.Images.Layers.PathOf(chainId)))
        {
            return "its tree is missing";
        }

        long size = state.Images.Layers.SizeOf(chainId);
        return size != fresh.SizeBytes || recordedSize != fresh.SizeBytes ? $"its size is recorded as {size} bytes in the store and {recordedSize} in the database, and is {fresh.SizeBytes}"
            : state.Images.Layers.ArchiveSizeOf(chainId) is { } archive && archive != fresh.ArchiveSizeBytes ? $"its archive's size is recorded as {archive} bytes, and is {fresh.ArchiveSizeBytes}"
            : TreeComparer.FirstDifference(state.Images.Layers.PathOf(chainId), fresh.TreePath, state.CancellationToken);
    }

    private string Remedy(Digest chainId, bool isRepairable)
    {
        return !isRepairable ? state.BringAgain((_, document) => document.ChainIds.Contains(chainId.ToString()))
            : RunningOn(chainId) is { } container ? $"stop container {container.Id[..12]}, then tare system check --repair unpacks it again"
            : "tare system check --repair unpacks it again";
    }

    private Container? RunningOn(Digest chainId) => state.Engine.Containers.All.FirstOrDefault(
        container => container.State.IsAlive && ContentCollector.LayersOf(container.Document).Contains(chainId.ToString()));

    private Task<string?> ReplaceAsync(Digest chainId, StagedLayer fresh) => state.InTurnAsync<string?>(async () =>
    {
        // What an overlay that is mounted has below it must not change.
        if (RunningOn(chainId) is not null)
        {
            return null;
        }

        using StagedLayer? old = state.Images.Layers.Discard(chainId);
        state.Images.Layers.Commit(fresh, chainId);
        state.DamagedLayers.Remove(chainId.ToString());
        await RecordSizeAsync(chainId.ToString(), fresh.SizeBytes);
        return "unpacked again";
    });

    private async Task RecordSizeAsync(string chainId, long size)
    {
        foreach ((string id, ImageDocument document) in state.Images.Table.Documents)
        {
            int index = document.ChainIds.IndexOf(chainId);
            if (index >= 0 && index < document.LayerSizes.Count && document.LayerSizes[index] != size)
            {
                document.LayerSizes[index] = size;
                await state.Images.Database.WriteAsync(ImageStatements.SetDocument(id, document));
            }
        }
    }

    private Task<bool> CheckUseAsync(Digest chainId) => state.InTurnAsync(async () =>
    {
        string text = chainId.ToString();
        bool isOrphan = !state.Images.Collector.Used().Contains(text) && !state.Images.Leases.IsHeld(text) && state.Images.Layers.Contains(chainId);
        if (isOrphan)
        {
            await state.AddAsync(
                new CheckFinding(
                    "layer", text, Path.GetDirectoryName(state.Images.Layers.PathOf(chainId))!, "no image and no container has it", "tare image prune or tare system check --repair removes it"),
                () => Task.FromResult(state.Images.Collector.DeleteUnused([text]) >= 0 && !state.Images.Layers.Contains(chainId) ? "removed" : null));
        }

        return isOrphan;
    });
}
