namespace Tare.Linux.Streams;

/// <summary>
/// A stream that is read or written once, from its beginning to its end: it has no length and no position, and cannot be wound. A derived class overrides
/// <see cref="Read(Span{byte})"/> or <see cref="Stream.ReadAsync(Memory{byte}, CancellationToken)"/>; one for writing <see cref="Write(ReadOnlySpan{byte})"/>,
/// <see cref="CanRead"/> and <see cref="CanWrite"/>. What it does not override throws <see cref="NotSupportedException"/>.
/// </summary>
public abstract class ForwardStream : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException("a stream that goes forward only has no length");

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException("a stream that goes forward only has no position");
        set => throw new NotSupportedException("a stream that goes forward only cannot be wound");
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => throw new NotSupportedException("the stream is not read, or only asynchronously");

    /// <inheritdoc/>
    public sealed override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer) => throw new NotSupportedException("the stream is for reading");

    /// <inheritdoc/>
    public sealed override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("a stream that goes forward only cannot be wound");

    /// <inheritdoc/>
    public sealed override void SetLength(long value) => throw new NotSupportedException("a stream that goes forward only has no length");
}
