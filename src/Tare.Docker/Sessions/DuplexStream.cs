using System.Buffers;
using System.IO.Pipelines;
using Tare.Linux.Streams;

namespace Tare.Docker.Sessions;

/// <summary>Both directions of a connection as one stream, which tells when the other side has ended its own. Asynchronous use alone. Owns neither.</summary>
/// <param name="input">What comes.</param>
/// <param name="output">What goes.</param>
internal sealed class DuplexStream(PipeReader input, PipeWriter output) : ForwardStream
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when nothing comes any more, or nothing can be sent. Only a reader finds that out.</summary>
    public Task Closed => _closed.Task;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = 0;
        try
        {
            while (true)
            {
                ReadResult result = await input.ReadAsync(cancellationToken);
                if (result.Buffer.IsEmpty && !result.IsCompleted)
                {
                    // A connection that was taken over begins with a cancelled read (HijackedConnection).
                    input.AdvanceTo(result.Buffer.End);
                    continue;
                }

                count = (int)Math.Min(result.Buffer.Length, buffer.Length);
                ReadOnlySequence<byte> part = result.Buffer.Slice(0, count);
                part.CopyTo(buffer.Span);
                input.AdvanceTo(part.End);
                return count;
            }
        }
        finally
        {
            if (count == 0 && buffer.Length > 0)
            {
                _closed.TrySetResult();
            }
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            if ((await output.WriteAsync(buffer, cancellationToken)).IsCompleted)
            {
                throw new IOException("the other side has closed the connection");
            }
        }
        catch (IOException)
        {
            _closed.TrySetResult();
            throw;
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _closed.TrySetResult();
        }

        base.Dispose(disposing);
    }
}
