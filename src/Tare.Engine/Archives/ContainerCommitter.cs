using System.Text.Json;
using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Images;
using Tare.Engine.Lifecycle;
using Tare.Engine.State;
using Tare.Engine.Users;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Oci.Images;
using Tare.Storage;
using Tare.Storage.Layers;
using Tare.Storage.Tar;

namespace Tare.Engine.Archives;

/// <summary>Makes images of containers: the writable layer becomes one more layer of the image. It is archived, hashed and unpacked at its new place in one pass.</summary>
/// <param name="parts">The engine's parts.</param>
/// <param name="images">The image parts.</param>
internal sealed class ContainerCommitter(EngineParts parts, ImageParts images)
{
    /// <summary>Digest of an archive without entries: two zero blocks.</summary>
    private static readonly Digest s_emptyLayer = Digest.Of(new byte[1024]);

    /// <summary>Makes the image.</summary>
    /// <exception cref="EngineException">InvalidArgument: a change is wrong. NotFound: the container's image has gone.</exception>
    public async Task<ImageRecord> CommitAsync(Container container, CommitRequest request, ImageReference? reference, CancellationToken cancellationToken)
    {
        ImageRecord parent = images.Table.TryGet(container.Document.ImageId) ?? throw EngineErrors.NoSuchImage(container.Document.ImageId);
        ContainerConfig config = ConfigOf(container, request);
        await using ImageLease lease = images.Leases.Take();
        if (!lease.TryHold(parent))
        {
            throw EngineErrors.NoSuchImage(parent.Id);
        }

        try
        {
            await OnThread(() =>
            {
                parts.Layers.Synchronize(container);
                return true;
            });
            using StagedLayer layer = await UnpackAsync(parts.Paths.Container(container.Id) + "/upper", new LayeredRoot(container.Snapshot.LowerDirs), cancellationToken);
            bool isEmpty = layer.DiffId == s_emptyLayer;
            ImageConfiguration configuration = Configuration(container, request, parent, config, isEmpty ? null : layer.DiffId);
            byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(configuration, ImagesJson.Default.ImageConfiguration);
            Digest id = Digest.Of(bytes);
            IReadOnlyList<Digest> chainIds = configuration.ChainIds();
            ImageDocument document = new()
            {
                LayerDigests = [.. LayerDigestsOf(parent), .. isEmpty ? (string[])[] : [layer.DiffId.ToString()]],
                ChainIds = [.. chainIds.Select(static c => c.ToString())],
                ForeignLayers = parent.Document.ForeignLayers,
                LayerSizes = [.. parent.Document.LayerSizes, .. isEmpty ? (long[])[] : [layer.SizeBytes]],
            };
            ImageRecord image = ImageReader.Read(id.ToString(), document, configuration);
            await images.Turn.WaitAsync(cancellationToken);
            try
            {
                if (!isEmpty)
                {
                    images.Layers.Commit(layer, chainIds[^1]);
                }

                await images.Content.StoreAsync(bytes, cancellationToken);
                await new ImageWriter(images).RecordAsync(image, reference is null ? [] : [reference.ToString()]);
            }
            finally
            {
                images.Turn.Release();
            }

            return image;
        }
        catch (StorageException e)
        {
            throw new EngineException(ImageWriter.ClassOf(e.Kind), $"commit {container.Id}: {e.Message}", e);
        }
        catch (LinuxException e)
        {
            throw new EngineException(e.Errno == Errno.ENOSPC ? ErrorClass.ResourceExhausted : ErrorClass.Internal, $"commit {container.Id}: {e.Message}", e);
        }
    }

    private static ContainerConfig ConfigOf(Container container, CommitRequest request)
    {
        byte[] own = JsonSerializer.SerializeToUtf8Bytes(container.Document.Config, EngineJson.Default.ContainerConfig);
        ContainerConfig config = request.Config ?? JsonSerializer.Deserialize(own, EngineJson.Default.ContainerConfig)!;
        ChangeInstructions.Apply(config, request.Changes);
        ImageConfigMerge.Apply(config, container.Document.Config);
        return config;
    }

    private static List<string> LayerDigestsOf(ImageRecord image) =>
        image.Document.LayerDigests.Count == image.DiffIds.Count ? image.Document.LayerDigests : [.. image.DiffIds];

    private ImageConfiguration Configuration(Container container, CommitRequest request, ImageRecord parent, ContainerConfig config, Digest? diffId)
    {
        ImageConfiguration of = JsonSerializer.Deserialize(images.Content.ReadAllBytes(Digest.Parse(parent.Id)), ImagesJson.Default.ImageConfiguration)!;
        DateTimeOffset now = parts.Time.GetUtcNow();
        ImageHistory step = new()
        {
            Created = now,
            CreatedBy = config.Cmd is null || container.Document.Config.Cmd is null ? null : string.Join(' ', container.Document.Config.Cmd),
            Author = request.Author.Length > 0 ? request.Author : null,
            Comment = request.Comment.Length > 0 ? request.Comment : null,
            EmptyLayer = diffId is null,
        };
        return new ImageConfiguration
        {
            Created = now,
            Author = step.Author,
            Architecture = of.Architecture,
            Variant = of.Variant,
            Os = of.Os,
            Config = JsonSerializer.SerializeToElement(config, EngineJson.Default.ContainerConfig),
            RootFs = new ImageRootFs { DiffIds = [.. of.RootFs.DiffIds, .. diffId is { } layer ? (string[])[layer.ToString()] : []] },
            History = [.. of.History ?? [], step],
        };
    }

    private async Task<StagedLayer> UnpackAsync(string upper, LayeredRoot below, CancellationToken cancellationToken)
    {
        ArchivePipe pipe = new();
        Task archiving = OnThread(() => Archive(upper, below, pipe, cancellationToken));
        Task<StagedLayer> unpacking = OnThread(() => images.Layers.Unpack(pipe, cancellationToken));
        try
        {
            await archiving;
        }
        catch
        {
            // Why nothing came is what is told, not that nothing came.
            await ((Task)unpacking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (unpacking.IsCompletedSuccessfully)
            {
                (await unpacking).Dispose();
            }

            throw;
        }

        return await unpacking;
    }

    private static bool Archive(string upper, LayeredRoot below, ArchivePipe output, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            using ConfinedRoot root = ConfinedRoot.Open(upper);
            TreeArchive.WriteLayer(root.Handle, RuntimeMarks.Contains, below.HasDirectory, output.Output, cancellationToken);
            return true;
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            output.Complete(failure);
        }
    }

    private static Task<T> OnThread<T>(Func<T> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
