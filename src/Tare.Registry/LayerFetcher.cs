using System.Collections.Concurrent;
using Tare.Oci.Images;
using Tare.Storage;
using Tare.Storage.Content;
using Tare.Storage.Layers;

namespace Tare.Registry;

/// <summary>Fetches and unpacks the layers of an image: several downloads and several unpackings at once, each layer once for all pulls.</summary>
internal sealed class LayerFetcher(ContentStore content, LayerStore layers, RegistryOptions options) : IDisposable
{
    private readonly SemaphoreSlim _downloads = new(options.MaximumDownloads, options.MaximumDownloads);
    private readonly SemaphoreSlim _unpackings = new(Math.Max(2, Environment.ProcessorCount), Math.Max(2, Environment.ProcessorCount));
    private readonly ConcurrentDictionary<Digest, SemaphoreSlim> _busy = new(); // by chain id
    private readonly ConcurrentDictionary<Digest, SemaphoreSlim> _arriving = new(); // by digest of the blob

    /// <summary>Fetches a small blob and reads it.</summary>
    public async Task<byte[]> FetchDocumentAsync(RepositoryClient repository, Digest digest, long size, CancellationToken cancellationToken)
    {
        const long MaximumDocument = 8 << 20;
        if (size > MaximumDocument)
        {
            throw new RegistryException(RegistryErrorKind.Protocol, $"the image's config is announced with {size} bytes");
        }

        if (!content.Contains(digest))
        {
            await new LayerDownload(repository, content, options).RunAsync(digest, size, new Progress<long>(), cancellationToken);
        }

        return content.ReadAllBytes(digest);
    }

    /// <summary>Brings all layers; the first failure stops the rest.</summary>
    /// <returns>The chain ids, the base first.</returns>
    public async Task<IReadOnlyList<Digest>> FetchAsync(
        RepositoryClient repository, IReadOnlyList<Descriptor> descriptors, ImageConfiguration configuration, bool isKnown, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<Digest> diffIds = [.. configuration.RootFs.DiffIds.Select(ParseDiffId)];
        IReadOnlyList<Digest> chainIds = ChainId.Of(diffIds);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> tasks = [];
        for (int i = 0; i < descriptors.Count; i++)
        {
            tasks.Add(FetchOneAsync(repository, descriptors[i], diffIds[i], chainIds[i], isKnown, progress, stop));
        }

        await Task.WhenAll(tasks);
        return chainIds;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _downloads.Dispose();
        _unpackings.Dispose();
    }

    private static Digest ParseDiffId(string text)
        => Digest.TryParse(text, out Digest digest) ? digest : throw new RegistryException(RegistryErrorKind.Protocol, $"the image's config has \"{text}\" as diff ID");

    private async Task FetchOneAsync(
        RepositoryClient repository, Descriptor descriptor, Digest diffId, Digest chainId, bool isKnown, IProgress<PullProgress> progress, CancellationTokenSource stop)
    {
        Digest digest = Digest.Parse(descriptor.Digest);
        string id = digest.Short;
        try
        {
            if (layers.Contains(chainId))
            {
                if (!isKnown)
                {
                    progress.Report(new PullProgress(id, "Already exists"));
                }

                return;
            }

            progress.Report(new PullProgress(id, "Pulling fs layer"));
            SemaphoreSlim mine = _busy.GetOrAdd(chainId, _ => new SemaphoreSlim(1, 1));
            await mine.WaitAsync(stop.Token);
            try
            {
                if (!layers.Contains(chainId))
                {
                    await DownloadAsync(repository, digest, descriptor.Size, id, progress, stop.Token);
                    await UnpackAsync(digest, diffId, chainId, id, descriptor.Size, progress, stop.Token);
                }
            }
            finally
            {
                mine.Release();
            }

            progress.Report(new PullProgress(id, "Pull complete"));
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    // An image may name one blob twice, and two pulls may want it at once.
    private async Task DownloadAsync(RepositoryClient repository, Digest digest, long size, string id, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        SemaphoreSlim mine = _arriving.GetOrAdd(digest, _ => new SemaphoreSlim(1, 1));
        await mine.WaitAsync(cancellationToken);
        try
        {
            await DownloadOnceAsync(repository, digest, size, id, progress, cancellationToken);
        }
        finally
        {
            mine.Release();
        }
    }

    private async Task DownloadOnceAsync(RepositoryClient repository, Digest digest, long size, string id, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        if (content.Contains(digest))
        {
            progress.Report(new PullProgress(id, "Download complete"));
            return;
        }

        if (_downloads.CurrentCount == 0)
        {
            progress.Report(new PullProgress(id, "Waiting"));
        }

        await _downloads.WaitAsync(cancellationToken);
        try
        {
            Throttled bytes = new(current => progress.Report(new PullProgress(id, "Downloading", current, size)), Math.Max(size / 50, 64 * 1024));
            await new LayerDownload(repository, content, options).RunAsync(digest, size, bytes, cancellationToken);
            progress.Report(new PullProgress(id, "Verifying Checksum"));
            progress.Report(new PullProgress(id, "Download complete"));
        }
        finally
        {
            _downloads.Release();
        }
    }

    private async Task UnpackAsync(Digest digest, Digest diffId, Digest chainId, string id, long size, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        await _unpackings.WaitAsync(cancellationToken);
        try
        {
            Throttled bytes = new(current => progress.Report(new PullProgress(id, "Extracting", current, size)), Math.Max(size / 50, 64 * 1024));
            bytes.Report(0);
            await Task.Factory.StartNew(
                () => layers.Apply(chainId, new CountingStream(content.OpenRead(digest), bytes), diffId, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            progress.Report(new PullProgress(id, "Extracting", size, size));
        }
        catch (StorageException failure)
        {
            content.Delete(digest); // unpacking failed: the next pull fetches it anew
            RegistryErrorKind kind = failure.Kind is StorageErrorKind.NoSpace or StorageErrorKind.Refused ? RegistryErrorKind.NoSpace : RegistryErrorKind.DataLoss;
            throw new RegistryException(kind, $"failed to register layer: {failure.Message}", failure);
        }
        finally
        {
            _unpackings.Release();
        }
    }

    /// <summary>Passes on every so many bytes: a message a buffer would drown the client.</summary>
    private sealed class Throttled(Action<long> report, long step) : IProgress<long>
    {
        private long _last = long.MinValue / 2;

        public void Report(long value)
        {
            if (value - _last >= step || value < _last)
            {
                _last = value;
                report(value);
            }
        }
    }
}
