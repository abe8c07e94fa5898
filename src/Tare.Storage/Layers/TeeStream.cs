using System.IO.Pipelines;

namespace Tare.Storage.Layers;

/// <summary>Passes on what is read to a pipe too, and waits when the pipe is full. A pipe whose reader has gone gets no more, and does not stop the reading.</summary>
internal sealed class TeeStream(Stream source, PipeWriter pipe) : Stream
{
    private bool _isPipeDone;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

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

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("what is passed on is read asynchronously");

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("a stream that is passed on cannot be wound");

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException("a stream that is passed on has the length that it has");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("the stream is for reading");
}
