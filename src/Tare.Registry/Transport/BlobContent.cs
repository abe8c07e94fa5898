using System.Net;

namespace Tare.Registry.Transport;

/// <summary>A part of a blob as the body of a request. A connection that takes nothing for too long is given up by <paramref name="stall"/>.</summary>
/// <param name="blob">The blob.</param>
/// <param name="offset">The first byte.</param>
/// <param name="length">How many bytes.</param>
/// <param name="progress">Gets the number of bytes of the blob so far; null for nobody.</param>
/// <param name="stall">Cancelled when nothing moves.</param>
/// <param name="limit">How long nothing may move.</param>
internal sealed class BlobContent(UploadBlob blob, long offset, long length, IProgress<long>? progress, CancellationTokenSource stall, TimeSpan limit) : HttpContent
{
    private const int BufferSize = 128 * 1024;

    // What a registry does with a blob after its last byte (hashing it, moving it between buckets) takes as long as it takes.
    private static readonly TimeSpan s_commit = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using Stream source = blob.Open();
        source.Position = offset;
        byte[] buffer = new byte[BufferSize];
        for (long done = 0; done < length;)
        {
            int read = source.Read(buffer, 0, (int)Math.Min(buffer.Length, length - done));
            if (read == 0)
            {
                throw new EndOfStreamException($"blob {blob.Digest} ended after {offset + done} of {blob.Size} bytes");
            }

            stall.CancelAfter(limit);
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            done += read;
            progress?.Report(offset + done);
        }

        stall.CancelAfter(s_commit);
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}
