using Microsoft.Data.Sqlite;
using Tare.Engine.Images;
using Tare.Engine.State;
using Tare.Oci.Images;
using Tare.Storage;

namespace Tare.Engine.Check;

/// <summary>
/// Compares the records of images and their names with the store, and has SQLite check its file. An image that cannot be used and that no pull can make whole loses its record; one that only
/// cannot be pushed or saved stays.
/// </summary>
/// <param name="state">The check.</param>
internal sealed class RecordCheck(CheckState state)
{
    private List<(string Reference, string Image, DateTimeOffset Tagged)> _names = [];

    /// <summary>Checks. The layers must have been checked before.</summary>
    /// <returns>How many records were compared.</returns>
    public async Task<int> RunAsync()
    {
        StateLoader stored = new();
        List<string> faults = [];
        try
        {
            EngineDatabase.Inspect(state.Engine.Paths.Database, stored.Load, faults);
        }
        catch (Exception failure) when (failure is SqliteException or Errors.EngineException)
        {
            faults.Add(failure.Message);
        }

        foreach (string fault in faults)
        {
            await state.AddAsync(new CheckFinding("database", "tare.db", state.Engine.Paths.Database, fault, "restore the data root from a copy"), null);
        }

        _names = stored.Names;
        foreach ((string id, _) in stored.Images)
        {
            await CheckImageAsync(id);
        }

        foreach ((string reference, string image, _) in stored.Names.Where(name => stored.Images.TrueForAll(known => known.Id != name.Image)))
        {
            await CheckNameAsync(reference, image);
        }

        return stored.Images.Count;
    }

    private Task<bool> CheckImageAsync(string id) => state.InTurnAsync(async () =>
    {
        if (state.DocumentOf(id) is not { } document)
        {
            return false;
        }

        ImageFault? fault = FaultOf(id, document);
        bool isShownAgain = fault is null or { Kind: ImageFaultKind.Unsendable or ImageFaultKind.Manifest } && await ShowAsync(id, document);
        if (fault is null)
        {
            return isShownAgain;
        }

        await state.AddAsync(new CheckFinding("image", state.NameOf(id), "", fault.Problem, RemedyOf(fault, id, document)), () => RepairAsync(fault, id, document));
        return true;
    });

    private string RemedyOf(ImageFault fault, string id, ImageDocument document)
    {
        bool isPullable = state.PullCommand(id, document) is not null;
        string giveUp = $"or give it up: tare rmi {id["sha256:".Length..][..12]}";
        return fault.Kind switch
        {
            ImageFaultKind.Record => $"tare system check --repair removes its record; pull, load or build {state.NameOf(id)} again",
            ImageFaultKind.Unusable when !isPullable => $"tare system check --repair removes its record; load or build {state.NameOf(id)} again",
            ImageFaultKind.Unusable when BlockingUser(document) is { } user => $"remove container {user}, then {state.BringAgain((other, _) => other == id)}, {giveUp}",
            ImageFaultKind.Manifest when !isPullable => "tare system check --repair forgets it: a push makes another",
            ImageFaultKind.Unsendable when !isPullable => $"it runs, and can neither be pushed nor saved: {state.BringAgain((other, _) => other == id)}, {giveUp}",
            _ => $"{state.BringAgain((other, _) => other == id)}, {giveUp}",
        };
    }

    // Says null where the rest is a pull's to do.
    private async Task<string?> RepairAsync(ImageFault fault, string id, ImageDocument document)
    {
        bool isPullable = state.PullCommand(id, document) is not null;
        switch (fault.Kind)
        {
            case ImageFaultKind.Record:
            case ImageFaultKind.Unusable when !isPullable:
                await ImageRemover.RemoveRecordAsync(state.Images, id, document);
                return "its record was removed";
            case ImageFaultKind.Unusable:
                MakeRoom(id, document);
                return null;
            case ImageFaultKind.Manifest when !isPullable:
                IEnumerable<string> registered = new[] { document.ManifestDigest, document.IndexDigest }.OfType<string>();
                (document.ManifestDigest, document.IndexDigest) = (null, null);
                await state.Images.Database.WriteAsync(ImageStatements.SetDocument(id, document));
                state.Images.Collector.DeleteUnused(registered);
                return "the manifest was forgotten";
            default:
                return null;
        }
    }

    // A pull unpacks only layers that are not here. What a container lies on is not taken from it, damaged as it may be.
    private void MakeRoom(string id, ImageDocument document)
    {
        if (document.ChainIds.Exists(IsGone))
        {
            state.Images.Table.PutIncomplete(id, document);
        }

        foreach (string chainId in document.ChainIds.Where(IsGone))
        {
            if (BlockingUser(chainId) is null && state.Images.Layers.Discard(Digest.Parse(chainId)) is { } remains)
            {
                remains.Dispose();
            }
        }
    }

    private string? BlockingUser(ImageDocument document) => document.ChainIds.Where(IsGone).Select(BlockingUser).FirstOrDefault(static name => name is not null);

    private string? BlockingUser(string chainId) => !Directory.Exists(state.Images.Layers.PathOf(Digest.Parse(chainId)))
        ? null
        : state.Engine.Containers.All.FirstOrDefault(container => ContentCollector.LayersOf(container.Document).Contains(chainId))?.Name;

    private bool IsGone(string chainId) => !Directory.Exists(state.Images.Layers.PathOf(Digest.Parse(chainId))) || state.LostLayers.Contains(chainId);

    // An image that lacked files at the start of the daemon, and has them again.
    private async Task<bool> ShowAsync(string id, ImageDocument document)
    {
        if (state.Images.Table.TryGet(id) is not null)
        {
            return false;
        }

        await state.AddAsync(
            new CheckFinding("image", id, "", "it is whole, but not shown since files of it were missing", "tare system check --repair shows it again"),
            () =>
            {
                state.Images.Restore(id, document);
                foreach ((string reference, _, DateTimeOffset tagged) in _names.Where(name => name.Image == id && state.Images.Table.TryGetByName(name.Reference) is null))
                {
                    state.Images.Table.SetName(reference, id, tagged);
                }

                return Task.FromResult<string?>("shown again");
            });
        return true;
    }

    // The worst of its faults.
    private ImageFault? FaultOf(string id, ImageDocument document)
    {
        if (CheckState.DigestOf(id) is not { } config)
        {
            return new ImageFault(ImageFaultKind.Record, $"its record has \"{id}\" as id");
        }

        if (!state.Images.Content.Verify(config, state.CancellationToken))
        {
            return new ImageFault(ImageFaultKind.Unusable, $"its configuration {id} is missing or damaged");
        }

        List<string> diffIds;
        try
        {
            ImageRecord image = ImageReader.Read(id, document, state.Images.Content.ReadAllBytes(config));
            diffIds = [.. image.DiffIds];
        }
        catch (Exception failure) when (failure is StorageException or Errors.EngineException)
        {
            return new ImageFault(ImageFaultKind.Record, failure.Message);
        }

        if (diffIds.Exists(static diffId => CheckState.DigestOf(diffId) is null)
            || !ChainId.Of([.. diffIds.Select(Digest.Parse)]).Select(static chainId => chainId.ToString()).SequenceEqual(document.ChainIds))
        {
            return new ImageFault(ImageFaultKind.Record, "its record names other layers than its configuration");
        }

        if (document.ChainIds.Find(IsGone) is { } gone)
        {
            return new ImageFault(ImageFaultKind.Unusable, $"its layer {gone} is missing or damaged");
        }

        for (int i = 0; i < document.ChainIds.Count; i++)
        {
            string archive = document.LayerDigests.Count == diffIds.Count ? document.LayerDigests[i] : diffIds[i];
            if (state.IsLost(archive) && !state.Images.Layers.HasArchive(Digest.Parse(document.ChainIds[i])))
            {
                return new ImageFault(ImageFaultKind.Unsendable, $"the archive {archive} of its layer {document.ChainIds[i]} is missing or damaged");
            }
        }

        return document.ContentOf(id).Except(document.LayerDigests).FirstOrDefault(state.IsLost) is { } manifest
            ? new ImageFault(ImageFaultKind.Manifest, $"its manifest {manifest} is missing or damaged")
            : null;
    }

    private Task<bool> CheckNameAsync(string reference, string image) => state.InTurnAsync(async () =>
    {
        if (state.DocumentOf(image) is not null || state.Images.Table.TryGetByName(reference) is not null)
        {
            return false; // brought meanwhile
        }

        await state.AddAsync(
            new CheckFinding("name", reference, "", $"names the image {image}, which is not there", "tare system check --repair removes it"),
            async () =>
            {
                await state.Images.Database.WriteAsync(ImageStatements.RemoveName(reference));
                state.Images.Table.RemoveName(reference);
                return "removed";
            });
        return true;
    });
}
