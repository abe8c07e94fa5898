using System.IO.Compression;
using System.IO.Pipelines;
using Tare.Oci.Images;
using Tare.Storage.Content;

namespace Tare.Storage.Layers;

/// <summary>Makes gzip blobs of layers that have none. The same archive gives the same blob each time: no name, no time, one level.</summary>
/// <param name="content">Where archives are read from and blobs go to.</param>
public sealed class LayerCompressor(ContentStore content)
{
    // Of zlib-ng's levels the last before time grows faster than size shrinks.
    private const int Level = 4;

    /// <summary>Compresses an archive of the store into the store.</summary>
    /// <param name="archive">The archive's digest.</param>
    /// <param name="cancellationToken">Gives up; nothing is left.</param>
    /// <returns>The blob.</returns>
    /// <exception cref="StorageException">The archive is not here, or the disk is full.</exception>
    public async Task<(Digest Digest, long Size)> CompressAsync(Digest archive, CancellationToken cancellationToken)
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19, minimumSegmentSize: 64 * 1024, useSynchronizationContext: false));
        using FileStream source = content.OpenRead(archive);
        Task compressing = Task.Factory.StartNew(() => Compress(source, pipe.Writer, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return await content.IngestAsync(pipe.Reader.AsStream(leaveOpen: true), null, null, null, cancellationToken);
        }
        finally
        {
            await pipe.Reader.CompleteAsync();
            await compressing;
        }
    }

    private static void Compress(FileStream source, PipeWriter writer, CancellationToken cancellationToken)
    {
        Exception? error = null;
        try
        {
            using GZipStream gzip = new(writer.AsStream(leaveOpen: true), new ZLibCompressionOptions { CompressionLevel = Level }, leaveOpen: true);
            byte[] buffer = new byte[256 * 1024];
            for (int read; (read = source.Read(buffer, 0, buffer.Length)) > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                gzip.Write(buffer, 0, read);
            }
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or InvalidOperationException)
        {
            error = failure; // told by the reader's side
        }
        finally
        {
            writer.Complete(error);
        }
    }
}
