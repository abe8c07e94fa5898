using System.IO.Pipelines;
using Tare.Oci.Images;
using Tare.Storage.Content;

namespace Tare.Storage.Layers;

/// <summary>
/// Stores a layer's blob and unpacks it in one pass: one reader hashes and writes the blob, a thread of its own unpacks the same bytes, and no more than
/// a few MiB lie between them.
/// </summary>
/// <param name="content">Where the blob goes.</param>
/// <param name="layers">Where the layer is unpacked.</param>
public sealed class LayerIngest(ContentStore content, LayerStore layers)
{
    private static readonly PipeOptions s_pipe = new(pauseWriterThreshold: 4 << 20, resumeWriterThreshold: 2 << 20, minimumSegmentSize: 64 * 1024, useSynchronizationContext: false);

    /// <summary>Stores and unpacks.</summary>
    /// <param name="source">The whole blob, compressed or not; read asynchronously, not closed.</param>
    /// <param name="part">What of it is here already.</param>
    /// <param name="size">The size in bytes that it must have.</param>
    /// <param name="progress">Gets the number of bytes so far.</param>
    /// <param name="cancellationToken">Gives up; nothing is left but the bytes that came.</param>
    /// <returns>The blob, which is in the store, and its unpacking, which ends soon after.</returns>
    /// <exception cref="StorageException">Digest or size are others; nothing is left.</exception>
    public async Task<IngestedLayer> RunAsync(Stream source, PartialBlob part, long size, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        Pipe pipe = new(s_pipe);
        Task<StagedLayer> unpacking = Unpack(pipe.Reader, cancellationToken);
        (Digest Digest, long Size) blob;
        try
        {
            await using TeeStream tee = new(source, pipe.Writer);
            blob = await content.IngestAsync(tee, part, size, progress, cancellationToken);
            await pipe.Writer.CompleteAsync();
        }
        catch (Exception failure)
        {
            await pipe.Writer.CompleteAsync(failure);
            await DiscardAsync(unpacking);
            throw;
        }

        return new IngestedLayer(blob.Digest, blob.Size, unpacking);
    }

    // A thread of its own: it blocks on the pipe, the disk and the processor for as long as the layer is long.
    private Task<StagedLayer> Unpack(PipeReader reader, CancellationToken cancellationToken)
        => Task.Factory.StartNew(
            () =>
            {
                Exception? error = null;
                try
                {
                    return layers.Unpack(reader.AsStream(leaveOpen: true), cancellationToken);
                }
                catch (Exception failure)
                {
                    error = failure;
                    throw;
                }
                finally
                {
                    // A reader that gave up takes no more: without this the writer would wait for it for ever.
                    reader.Complete(error);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    /// <summary>Waits for an unpacking whose source failed, and throws away what it made; why the source failed is what is told.</summary>
    private static async Task DiscardAsync(Task<StagedLayer> unpacking)
    {
        await ((Task)unpacking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (unpacking.IsCompletedSuccessfully)
        {
            (await unpacking).Dispose();
        }
    }
}
