using System.Collections.Concurrent;
using Tare.Oci.Images;
using Tare.Storage;
using Tare.Storage.Content;

namespace Tare.Registry.Pulling;

/// <summary>Brings blobs into the content store, each once for all pulls, and no more than so many at once.</summary>
internal sealed class BlobFetcher(ContentStore content, RegistryOptions options) : IDisposable
{
    private const long MaximumDocument = 8 << 20;

    private readonly SemaphoreSlim _downloads = new(options.MaximumDownloads, options.MaximumDownloads);
    private readonly ConcurrentDictionary<Digest, SemaphoreSlim> _arriving = new();

    /// <summary>Fetches a small blob and reads it.</summary>
    /// <exception cref="RegistryException">It cannot be had, is damaged, or is announced as none of the small ones.</exception>
    public async Task<byte[]> FetchDocumentAsync(RepositoryClient repository, Digest digest, long size, CancellationToken cancellationToken)
    {
        if (size is < 0 or > MaximumDocument)
        {
            throw new RegistryException(RegistryErrorKind.Protocol, $"the image's config is announced with {size} bytes");
        }

        if (!content.Contains(digest))
        {
            await using ResumingStream stream = new(repository, digest, size, [], options, cancellationToken);
            await IngestAsync(stream, digest, size, null, cancellationToken);
        }

        return content.ReadAllBytes(digest);
    }

    /// <summary>Fetches a blob unless it is here.</summary>
    /// <param name="repository">Where it is.</param>
    /// <param name="digest">What it must be.</param>
    /// <param name="size">How long it must be, in bytes.</param>
    /// <param name="urls">Other places that are tried first.</param>
    /// <param name="ingest">Puts the download into the store: takes the stream and who counts its bytes. Not called when the blob is here already.</param>
    /// <param name="progress">Told of every step.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RegistryException">It cannot be had, or is damaged.</exception>
    public async Task FetchAsync(
        RepositoryClient repository, Digest digest, long size, IReadOnlyList<string> urls, Func<Stream, IProgress<long>, Task> ingest, LayerProgress progress, CancellationToken cancellationToken)
    {
        // An image may name one blob twice, and two pulls may want it at once.
        SemaphoreSlim mine = _arriving.GetOrAdd(digest, _ => new SemaphoreSlim(1, 1));
        await mine.WaitAsync(cancellationToken);
        try
        {
            if (content.Contains(digest))
            {
                progress.Report("Download complete");
                return;
            }

            if (_downloads.CurrentCount == 0)
            {
                progress.Report("Waiting");
            }

            await _downloads.WaitAsync(cancellationToken);
            try
            {
                await using ResumingStream stream = new(repository, digest, size, urls, options, cancellationToken);
                await ingest(stream, progress.Counting("Downloading"));
                progress.Report("Verifying Checksum");
                progress.Report("Download complete");
            }
            finally
            {
                _downloads.Release();
            }
        }
        finally
        {
            mine.Release();
        }
    }

    /// <summary>Puts a download into the store.</summary>
    /// <exception cref="RegistryException">It is damaged, or the disk is full.</exception>
    public async Task IngestAsync(Stream stream, Digest digest, long size, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        try
        {
            await content.IngestAsync(stream, digest, size, progress, cancellationToken);
        }
        catch (StorageException failure)
        {
            throw Refused(failure, digest);
        }
    }

    /// <summary>The error of a download that the store does not take.</summary>
    public static RegistryException Refused(StorageException failure, Digest digest)
        => failure.Kind is StorageErrorKind.NoSpace or StorageErrorKind.Refused
            ? new RegistryException(RegistryErrorKind.NoSpace, failure.Message, failure)
            : new RegistryException(RegistryErrorKind.DataLoss, $"filesystem layer verification failed for digest {digest}: {failure.Message}", failure);

    /// <inheritdoc/>
    public void Dispose() => _downloads.Dispose();
}
