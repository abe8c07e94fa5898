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

    /// <summary>Fetches a small blob, unless it is here undamaged, and reads it.</summary>
    /// <exception cref="RegistryException">It cannot be had, is damaged, or is announced as none of the small ones.</exception>
    public async Task<byte[]> FetchDocumentAsync(RepositoryClient repository, Digest digest, long size, CancellationToken cancellationToken)
    {
        if (size is < 0 or > MaximumDocument)
        {
            throw new RegistryException(RegistryErrorKind.Protocol, $"the image's config is announced with {size} bytes");
        }

        if (!content.Verify(digest, cancellationToken))
        {
            await using ResumingStream stream = new(repository, digest, size, 0, [], options, cancellationToken);
            try
            {
                await content.IngestAsync(stream, digest, size, null, cancellationToken);
            }
            catch (StorageException failure)
            {
                throw Refused(failure, digest);
            }
        }

        return content.ReadAllBytes(digest);
    }

    /// <summary>Fetches a blob unless it is here.</summary>
    /// <param name="repository">Where it is.</param>
    /// <param name="digest">What it must be.</param>
    /// <param name="size">How long it must be, in bytes.</param>
    /// <param name="urls">Other places that are tried first.</param>
    /// <param name="ingest">
    /// Puts the download into the store: takes the whole as a stream, what of it is here already, and who counts its bytes. Not called when the blob is here already; called a second time when
    /// what an earlier download had left turns out not to belong to the blob.
    /// </param>
    /// <param name="progress">Told of every step.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RegistryException">It cannot be had, or is damaged.</exception>
    public async Task FetchAsync(
        RepositoryClient repository, Digest digest, long size, IReadOnlyList<string> urls, Func<Stream, PartialBlob, IProgress<long>, Task> ingest, LayerProgress progress, CancellationToken cancellationToken)
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
                if (!await TryFetchAsync(repository, digest, size, urls, ingest, progress, cancellationToken))
                {
                    await TryFetchAsync(repository, digest, size, urls, ingest, progress, cancellationToken);
                }

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
    public async Task IngestAsync(Stream whole, PartialBlob part, long size, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        try
        {
            await content.IngestAsync(whole, part, size, progress, cancellationToken);
        }
        catch (StorageException failure)
        {
            throw Refused(failure, part.Digest);
        }
    }

    // False when what was kept turns out not to be the beginning of the blob, as after a power cut: it is gone then, and the whole is still to be fetched.
    private async Task<bool> TryFetchAsync(
        RepositoryClient repository, Digest digest, long size, IReadOnlyList<string> urls, Func<Stream, PartialBlob, IProgress<long>, Task> ingest, LayerProgress progress, CancellationToken cancellationToken)
    {
        using PartialBlob part = content.OpenPart(digest, size);
        await using Stream whole = part.Whole(new ResumingStream(repository, digest, size, part.KeptBytes, urls, options, cancellationToken));
        try
        {
            await ingest(whole, part, progress.Counting("Downloading"));
            return true;
        }
        catch (RegistryException failure) when (part.KeptBytes > 0 && failure.Kind == RegistryErrorKind.DataLoss && !content.Contains(digest))
        {
            part.Drop();
            return false;
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
