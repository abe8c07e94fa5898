using System.Runtime.CompilerServices;

namespace Tare.Docker.Bodies;

/// <summary>Lets synchronous code read a stream that can only be read asynchronously, such as a request's body. Used on a thread of its own. Does not own the stream.</summary>
internal sealed class BlockingReadStream : Stream
{
    private const int Enough = 128 * 1024;

    private readonly Stream _inner;
    private readonly CancellationToken _cancellationToken;

    // The thread sleeps at once. A task's own wait spins first, which for an archive of 100 MB are ten thousand turns on the processors that its sender needs.
    private readonly AutoResetEvent _arrived = new(initialState: false);
    private readonly Action _wake;

    /// <summary>Makes one.</summary>
    /// <param name="inner">The stream.</param>
    /// <param name="cancellationToken">Ends the reads.</param>
    public BlockingReadStream(Stream inner, CancellationToken cancellationToken)
    {
        _inner = inner;
        _cancellationToken = cancellationToken;
        _wake = () => _arrived.Set();
    }

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
    public override int Read(byte[] buffer, int offset, int count)
    {
        TaskAwaiter<int> reading = _inner.ReadAtLeastAsync(buffer.AsMemory(offset, count), Math.Min(count, Enough), throwOnEndOfStream: false, _cancellationToken).AsTask().GetAwaiter();
        if (!reading.IsCompleted)
        {
            reading.UnsafeOnCompleted(_wake);
            _arrived.WaitOne();
        }

        return reading.GetResult();
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _arrived.Dispose();
        }

        base.Dispose(disposing);
    }
}
