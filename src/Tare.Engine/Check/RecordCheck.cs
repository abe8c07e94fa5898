using Microsoft.Data.Sqlite;
using Tare.Engine.Images;
using Tare.Engine.State;
using Tare.Oci.Images;
using Tare.Storage;

namespace Tare.Engine.Check;

/// <summary>Compares the records of images and their names with the store, and has SQLite check its file. An image that cannot be made whole loses its record.</summary>
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

        if (FaultOf(id, document) is not { } fault)
        {
            return await ShowAsync(id, document);
        }

        await state.AddAsync(
            new CheckFinding("image", state.NameOf(id), "", fault, CheckState.PullAgain(state.NameOf(id))),
            async () =>
            {
                await state.Images.Database.WriteAsync(ImageStatements.RemoveNames(id), ImageStatements.Remove(id));
                state.Images.Table.Remove(id);
                state.Images.Collector.DeleteUnused(document.ContentOf(id).Concat(document.ChainIds));
                return "its record was removed";
            });
        return true;
    });

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

    private string? FaultOf(string id, ImageDocument document)
    {
        if (CheckState.DigestOf(id) is not { } config || !state.Images.Content.Contains(config) || state.DamagedBlobs.Contains(id))
        {
            return $"its configuration {id} is missing or damaged";
        }

        List<string> diffIds;
        try
        {
            ImageRecord image = ImageReader.Read(id, document, state.Images.Content.ReadAllBytes(config));
            diffIds = [.. image.DiffIds];
        }
        catch (Exception failure) when (failure is StorageException or Errors.EngineException)
        {
            return failure.Message;
        }

        if (diffIds.Exists(static diffId => CheckState.DigestOf(diffId) is null)
            || !ChainId.Of([.. diffIds.Select(Digest.Parse)]).Select(static chainId => chainId.ToString()).SequenceEqual(document.ChainIds))
        {
            return "its record names other layers than its configuration";
        }

        foreach (string blob in document.ContentOf(id).Except(document.LayerDigests))
        {
            if (IsLost(blob))
            {
                return $"its manifest {blob} is missing or damaged";
            }
        }

        for (int i = 0; i < document.ChainIds.Count; i++)
        {
            Digest chainId = Digest.Parse(document.ChainIds[i]);
            if (!Directory.Exists(state.Images.Layers.PathOf(chainId)) || state.DamagedLayers.Contains(document.ChainIds[i]))
            {
                return $"its layer {chainId} is missing or damaged";
            }

            string archive = document.LayerDigests.Count == diffIds.Count ? document.LayerDigests[i] : diffIds[i];
            if (IsLost(archive) && !state.Images.Layers.HasArchive(chainId))
            {
                return $"the archive {archive} of its layer {chainId} is missing or damaged";
            }
        }

        return null;
    }

    private bool IsLost(string blob) => CheckState.DigestOf(blob) is not { } digest || !state.Images.Content.Contains(digest) || state.DamagedBlobs.Contains(blob);

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
