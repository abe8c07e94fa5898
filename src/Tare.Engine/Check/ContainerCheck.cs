using Tare.Engine.Images;
using Tare.Engine.Lifecycle;
using Tare.Oci.Images;
using Tare.Storage.Layers;

namespace Tare.Engine.Check;

/// <summary>
/// Compares the records of containers with their folders and layers, and finds folders that belong to no container. A container is never removed, whatever it lacks: its
/// writable layer is the user's.
/// </summary>
/// <param name="state">The check.</param>
internal sealed class ContainerCheck(CheckState state)
{
    /// <summary>Checks. The layers must have been checked before.</summary>
    /// <returns>How many containers were looked at.</returns>
    public async Task<int> RunAsync()
    {
        int count = 0;
        foreach (Container container in state.Engine.Containers.All)
        {
            count++;
            await CheckAsync(container);
        }

        await CheckFoldersAsync();
        return count;
    }

    private async Task CheckAsync(Container container)
    {
        string folder = state.Engine.Paths.Container(container.Id);
        foreach (string path in (string[])[folder + "/upper", folder + "/work", folder + "/rootfs"])
        {
            if (!Directory.Exists(path) && IsThere(container))
            {
                await state.AddAsync(
                    new CheckFinding(
                        "container",
                        container.Name,
                        path,
                        "its folder is missing",
                        path.EndsWith("/upper", StringComparison.Ordinal) ? "what it wrote is lost; tare system check --repair makes an empty one" : "tare system check --repair makes it"),
                    () =>
                    {
                        Directory.CreateDirectory(path);
                        return Task.FromResult<string?>("made, empty");
                    });
            }
        }

        foreach (string chainId in ContentCollector.LayersOf(container.Document).Distinct())
        {
            string path = state.Images.Layers.PathOf(Digest.Parse(chainId));
            if ((!Directory.Exists(path) || state.DamagedLayers.Contains(chainId)) && IsThere(container))
            {
                await state.AddAsync(
                    new CheckFinding(
                        "container", container.Name, path, $"layer {chainId} that it lies on is missing or damaged", $"{Bring(container)}, or tare rm {container.Name}"),
                    null);
            }
        }
    }

    private string Bring(Container container)
        => state.DocumentOf(container.Document.ImageId) is { } image && state.PullCommand(container.Document.ImageId, image) is { } command ? command : $"pull {container.Document.Config.Image} again";

    private bool IsThere(Container container) => !container.Removed.Task.IsCompleted && state.Engine.Containers.TryFind(container.Id) == container;

    private async Task CheckFoldersAsync()
    {
        // A container that is being made has its folder before its record: while it is made everything is held.
        List<string> before = Strays();
        await state.Remover.DrainAsync();
        if (before.Count == 0 || state.Images.Leases.HoldsAll)
        {
            return;
        }

        foreach (string path in Strays().Intersect(before))
        {
            await state.AddAsync(
                new CheckFinding("leftover", Path.GetFileName(path), path, "belongs to no container", "tare system check --repair removes it"),
                () => Task.Run(() =>
                {
                    TreeRemover.Remove(path);
                    return (string?)"removed";
                }));
        }
    }

    private List<string> Strays() =>
    [
        .. Directory.EnumerateFileSystemEntries(state.Engine.Paths.Containers).Where(path => path != state.Engine.Paths.Trash && state.Engine.Containers.TryFind(Path.GetFileName(path)) is null),
        .. Directory.EnumerateFileSystemEntries(state.Engine.Paths.Trash),
    ];
}
