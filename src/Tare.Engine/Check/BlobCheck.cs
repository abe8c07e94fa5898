using Tare.Oci.Images;
using Tare.Storage.Layers;

namespace Tare.Engine.Check;

/// <summary>Reads every blob and compares it with its digest; finds blobs and files of the store that belong to nothing.</summary>
/// <param name="state">The check.</param>
internal sealed class BlobCheck(CheckState state)
{
    /// <summary>Checks.</summary>
    /// <returns>How many blobs were read.</returns>
    public async Task<int> RunAsync()
    {
        int count = 0;
        foreach (Digest digest in state.Images.Content.Enumerate().ToList())
        {
            state.CancellationToken.ThrowIfCancellationRequested();
            string text = digest.ToString();
            count++;
            bool isWhole = await Task.Run(() => state.Images.Content.Verify(digest, state.CancellationToken), state.CancellationToken);
            if (isWhole)
            {
                await CheckUseAsync(digest);
            }
            else if (state.Images.Content.Contains(digest) || state.Images.Collector.Used().Contains(text))
            {
                await AddDamagedAsync(digest);
            }
        }

        foreach (string path in state.Images.Content.Strays().Concat(state.Images.Layers.Strays()))
        {
            await state.AddAsync(
                new CheckFinding("leftover", Path.GetFileName(path), path, "belongs to no work under way", "tare system check --repair removes it"),
                () => Task.Run(() => Remove(path)));
        }

        return count;
    }

    private async Task AddDamagedAsync(Digest digest)
    {
        string text = digest.ToString();
        state.DamagedBlobs.Add(text);
        bool isNeeded = state.NamesOf((id, document) => document.ContentOf(id).Contains(text)).Length > 0;
        // An image whose configuration is missing is taken for one that was being removed: a damaged one says that it is not, until a pull puts the right one in its place.
        bool marks = state.DocumentOf(text) is { } image && state.PullCommand(text, image) is not null;
        await state.AddAsync(
            new CheckFinding(
                "blob",
                text,
                state.Images.Content.PathOf(digest),
                "its content is not what its digest says",
                isNeeded ? state.BringAgain((id, document) => document.ContentOf(id).Contains(text)) : "tare system check --repair removes it"),
            marks ? null : () => state.InTurnAsync(() =>
            {
                // A pull may have brought it anew.
                if (!state.Images.Content.Verify(digest, state.CancellationToken))
                {
                    state.Images.Content.Delete(digest);
                }

                return Task.FromResult<string?>("removed");
            }));
    }

    // A removal or the end of a pull may change the answer at any moment: it is asked in turn.
    private Task<bool> CheckUseAsync(Digest digest) => state.InTurnAsync(async () =>
    {
        string text = digest.ToString();
        bool isOrphan = !state.Images.Collector.Used().Contains(text) && !state.Images.Leases.IsHeld(text) && state.Images.Content.Contains(digest);
        if (isOrphan)
        {
            await state.AddAsync(
                new CheckFinding("blob", text, state.Images.Content.PathOf(digest), "no image has it", "tare image prune or tare system check --repair removes it"),
                () => Task.FromResult(state.Images.Leases.TryDelete(text, () => state.Images.Content.Delete(digest)) ? "removed" : null));
        }

        return isOrphan;
    });

    private static string? Remove(string path)
    {
        TreeRemover.Remove(path);
        return "removed";
    }
}
