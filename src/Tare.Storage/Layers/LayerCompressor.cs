using System.IO.Compression;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Tare.Oci.Images;
using Tare.Storage.Content;

namespace Tare.Storage.Layers;

/// <summary>Makes gzip blobs of layers that have none. The same archive gives the same blob each time: no name, no time, one level.</summary>
/// <param name="content">Where archives are read from and blobs go to.</param>
public sealed class LayerCompressor(ContentStore content)
{
    // Of zlib-ng's levels the last before time grows faster than size shrinks.
    private const int Level = 4;

    /// <summary>Compresses an archive into the store.</summary>
    /// <param name="archive">The archive, uncompressed. Not closed.</param>
    /// <param name="diffId">The digest that the archive must have.</param>
    /// <param name="appears">Told of the blob's digest before the blob appears: the time to see to it that nobody deletes it.</param>
    /// <param name="cancellationToken">Gives up; nothing is left.</param>
    /// <returns>The blob.</returns>
    /// <exception cref="StorageException">The archive is another one, or the disk is full; nothing is left.</exception>
    public async Task<(Digest Digest, long Size)> CompressAsync(Stream archive, Digest diffId, Action<Digest> appears, CancellationToken cancellationToken)
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19, minimumSegmentSize: 64 * 1024, useSynchronizationContext: false));
        Task compressing = Task.Factory.StartNew(() => Compress(archive, diffId, pipe.Writer, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return await content.IngestAsync(pipe.Reader.AsStream(leaveOpen: true), appears, cancellationToken);
        }
        finally
        {
            await pipe.Reader.CompleteAsync();
            await compressing;
        }
    }

    private static void Compress(Stream archive, Digest diffId, PipeWriter writer, CancellationToken cancellationToken)
    {
        Exception? error = null;
        try
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using GZipStream gzip = new(writer.AsStream(leaveOpen: true), new ZLibCompressionOptions { CompressionLevel = Level }, leaveOpen: true);
            byte[] buffer = new byte[256 * 1024];
            for (int read; (read = archive.Read(buffer, 0, buffer.Length)) > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
                gzip.Write(buffer, 0, read);
            }

            Digest found = Digest.FromHash(hash.GetHashAndReset());
            if (found != diffId)
            {
                throw new StorageException($"the layer's archive has diff ID {found}, expected {diffId}");
            }
        }
        catch (Exception failure) when (failure is IOException or StorageException or OperationCanceledException or InvalidOperationException)
        {
            error = failure; // told by the reader's side
        }
        finally
        {
            writer.Complete(error);
        }
    }
}
