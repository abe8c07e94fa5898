using System.IO.Pipelines;
using Tare.Linux.Streams;

namespace Tare.Storage.Layers;

/// <summary>Passes on what is read to a pipe too, and waits when the pipe is full. A pipe whose reader has gone gets no more, and does not stop the reading.</summary>
internal sealed class TeeStream(Stream source, PipeWriter pipe) : ForwardStream
{
    private bool _isPipeDone;

    /// <inheritdoc/>
    public override long Length => source.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => source.Position;
        set => throw new NotSupportedException("a stream that is passed on cannot be wound");
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await source.ReadAsync(buffer, cancellationToken);
        if (read > 0 && !_isPipeDone)
        {
            FlushResult flushed = await pipe.WriteAsync(buffer[..read], cancellationToken);
            _isPipeDone = flushed.IsCompleted;
        }

        return read;
    }
}
