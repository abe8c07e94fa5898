namespace Tare.Engine.Images;

/// <summary>Lets synchronous code write to a stream that can only be written asynchronously, such as a response's body. Used on a thread of its own. Does not own the stream.</summary>
/// <param name="inner">The stream.</param>
/// <param name="cancellationToken">Ends the writes.</param>
internal sealed class BlockingWriteStream(Stream inner, CancellationToken cancellationToken) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => inner.WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask().GetAwaiter().GetResult();

    public override void Flush() => inner.FlushAsync(cancellationToken).GetAwaiter().GetResult();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
