using System.Collections.Concurrent;
using Tare.Oci.Images;
using Tare.Storage;
using Tare.Storage.Content;
using Tare.Storage.Layers;

namespace Tare.Registry.Pulling;

/// <summary>
/// Fetches and unpacks the layers of an image, several at once and each once for all pulls. A layer is unpacked while it comes, where a processor is free
/// for that; it gets its name only after the blob's digest and the layer's diff ID were found right.
/// </summary>
internal sealed class LayerFetcher(ContentStore content, LayerStore layers, RegistryOptions options) : IDisposable
{
    private readonly BlobFetcher _blobs = new(content, options);
    private readonly LayerIngest _ingest = new(content, layers);
    private readonly SemaphoreSlim _unpackings = new(Math.Max(2, Environment.ProcessorCount), Math.Max(2, Environment.ProcessorCount));
    private readonly ConcurrentDictionary<Digest, SemaphoreSlim> _busy = new(); // by chain id

    /// <summary>Fetches a small blob and reads it.</summary>
    public Task<byte[]> FetchDocumentAsync(RepositoryClient repository, Digest digest, long size, CancellationToken cancellationToken)
        => _blobs.FetchDocumentAsync(repository, digest, size, cancellationToken);

    /// <summary>Brings all layers; the first failure stops the rest.</summary>
    /// <returns>The chain ids, the base first.</returns>
    public async Task<IReadOnlyList<Digest>> FetchAsync(
        RepositoryClient repository, IReadOnlyList<Descriptor> descriptors, ImageConfiguration configuration, bool isKnown, Action<Digest> hold, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<Digest> diffIds = [.. configuration.RootFs.DiffIds.Select(ParseDiffId)];
        IReadOnlyList<Digest> chainIds = ChainId.Of(diffIds);
        foreach (Digest chainId in chainIds)
        {
            hold(chainId);
        }

        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> tasks = [];
        for (int i = 0; i < descriptors.Count; i++)
        {
            tasks.Add(FetchOneAsync(repository, descriptors[i], diffIds[i], chainIds[i], isKnown, progress, stop));
        }

        await FirstFailureOfAsync(tasks);
        return chainIds;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _blobs.Dispose();
        _unpackings.Dispose();
    }

    // The failure that stopped the others is the one to tell, not a cancellation that followed from it.
    private static async Task FirstFailureOfAsync(List<Task> tasks)
    {
        try
        {
            await Task.WhenAll(tasks);
        }
        catch (OperationCanceledException) when (tasks.Find(task => task.IsFaulted) is { } failed)
        {
            await failed;
        }
    }

    private static Digest ParseDiffId(string text)
        => Digest.TryParse(text, out Digest digest) ? digest : throw new RegistryException(RegistryErrorKind.Protocol, $"the image's config has \"{text}\" as diff ID");

    private async Task FetchOneAsync(
        RepositoryClient repository, Descriptor descriptor, Digest diffId, Digest chainId, bool isKnown, IProgress<PullProgress> progress, CancellationTokenSource stop)
    {
        Digest digest = Digest.Parse(descriptor.Digest);
        Layer layer = new(
            digest, descriptor.Size, diffId, chainId, new LayerProgress(progress, digest.Short, descriptor.Size), MediaTypes.IsForeignLayer(descriptor.MediaType) ? descriptor.Urls ?? [] : []);
        try
        {
            if (layers.Contains(chainId) && content.Contains(layer.Digest))
            {
                if (!isKnown)
                {
                    layer.Progress.Report("Already exists");
                }

                return;
            }

            layer.Progress.Report("Pulling fs layer");
            SemaphoreSlim mine = _busy.GetOrAdd(chainId, _ => new SemaphoreSlim(1, 1));
            await mine.WaitAsync(stop.Token);
            try
            {
                await BringAsync(repository, layer, stop.Token);
            }
            finally
            {
                mine.Release();
            }

            layer.Progress.Report("Pull complete");
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    /// <summary>
    /// Brings blob and layer. A layer that is here by another blob (otherwise compressed, imported) is not unpacked again; its blob comes all the same, so that the image can be pushed
    /// and saved as it was.
    /// </summary>
    private async Task BringAsync(RepositoryClient repository, Layer layer, CancellationToken cancellationToken)
    {
        bool isDone = layers.Contains(layer.ChainId);
        await _blobs.FetchAsync(
            repository,
            layer.Digest,
            layer.Size,
            layer.Urls,
            async (whole, part, bytes) => isDone = await IngestAsync(whole, part, layer, isDone, bytes, cancellationToken),
            layer.Progress,
            cancellationToken);
        if (!isDone)
        {
            await UnpackAsync(layer, cancellationToken);
        }
    }

    /// <summary>Stores a download, and unpacks it at the same time where that is still to be done and an unpacking is free.</summary>
    /// <returns>Whether it is unpacked too.</returns>
    private async Task<bool> IngestAsync(Stream whole, PartialBlob part, Layer layer, bool isUnpacked, IProgress<long> bytes, CancellationToken cancellationToken)
    {
        if (isUnpacked || !await _unpackings.WaitAsync(0, cancellationToken))
        {
            await _blobs.IngestAsync(whole, part, layer.Size, bytes, cancellationToken);
            return isUnpacked;
        }

        try
        {
            IngestedLayer ingested = await StoreAsync(whole, part, layer, bytes, cancellationToken);
            using StagedLayer staged = await ingested.Unpacking;
            Commit(staged, layer);
            return true;
        }
        catch (StorageException failure)
        {
            throw Unusable(failure, layer);
        }
        finally
        {
            _unpackings.Release();
        }
    }

    private async Task<IngestedLayer> StoreAsync(Stream whole, PartialBlob part, Layer layer, IProgress<long> bytes, CancellationToken cancellationToken)
    {
        try
        {
            return await _ingest.RunAsync(whole, part, layer.Size, bytes, cancellationToken);
        }
        catch (StorageException failure)
        {
            throw BlobFetcher.Refused(failure, layer.Digest);
        }
    }

    private async Task UnpackAsync(Layer layer, CancellationToken cancellationToken)
    {
        await _unpackings.WaitAsync(cancellationToken);
        try
        {
            IProgress<long> bytes = layer.Progress.Counting("Extracting");
            bytes.Report(0);
            using StagedLayer staged = await RunAsync(() => layers.Unpack(new CountingStream(content.OpenRead(layer.Digest), bytes), cancellationToken), cancellationToken);
            Commit(staged, layer);
        }
        catch (StorageException failure)
        {
            throw Unusable(failure, layer);
        }
        finally
        {
            _unpackings.Release();
        }
    }

    private void Commit(StagedLayer staged, Layer layer)
    {
        if (staged.DiffId != layer.DiffId)
        {
            throw new StorageException($"layer has diff ID {staged.DiffId}, expected {layer.DiffId}");
        }

        layer.Progress.ReportWhole("Extracting");
        layers.Commit(staged, layer.ChainId);
    }

    private RegistryException Unusable(StorageException failure, Layer layer)
    {
        if (failure.Kind == StorageErrorKind.Damaged && !content.Verify(layer.Digest))
        {
            content.Delete(layer.Digest); // damaged on the disk: the next pull fetches it anew
        }

        RegistryErrorKind kind = failure.Kind is StorageErrorKind.NoSpace or StorageErrorKind.Refused ? RegistryErrorKind.NoSpace : RegistryErrorKind.DataLoss;
        return new RegistryException(kind, $"failed to register layer: {failure.Message}", failure);
    }

    // A thread of its own: it blocks on the pipe, the disk and the processor for as long as the layer is long.
    private static Task<StagedLayer> RunAsync(Func<StagedLayer> unpack, CancellationToken cancellationToken)
        => Task.Factory.StartNew(unpack, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private sealed record Layer(Digest Digest, long Size, Digest DiffId, Digest ChainId, LayerProgress Progress, IReadOnlyList<string> Urls);
}
