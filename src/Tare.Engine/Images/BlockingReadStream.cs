namespace Tare.Engine.Images;

/// <summary>Lets synchronous code read a stream that can only be read asynchronously, such as a request's body. Used on a thread of its own. Does not own the stream.</summary>
/// <param name="inner">The stream.</param>
/// <param name="cancellationToken">Ends the reads.</param>
internal sealed class BlockingReadStream(Stream inner, CancellationToken cancellationToken) : Stream
{
    private const int Enough = 128 * 1024;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    // Who asks for much gets much: each return wakes the reader's thread once more.
    public override int Read(byte[] buffer, int offset, int count) =>
        inner.ReadAtLeastAsync(buffer.AsMemory(offset, count), Math.Min(count, Enough), throwOnEndOfStream: false, cancellationToken).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
