using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Tare.Storage.Layers;

/// <summary>
/// Reads another stream ahead on a thread of its own, a few buffers far: while one thread decompresses, another hashes and writes files. An error of the other
/// stream comes when what was read before it has been taken. Closing it ends the thread and closes that stream.
/// </summary>
internal sealed class ReadAheadStream : Stream
{
    private const int BufferSize = 256 * 1024;
    private const int Buffers = 4;

    private readonly Stream _source;
    private readonly BlockingCollection<(byte[] Buffer, int Length)> _full = new(Buffers);
    private readonly BlockingCollection<byte[]> _empty = [];
    private readonly Thread _thread;
    private volatile bool _isClosed;
    private ExceptionDispatchInfo? _error; // written before _full is complete, read after
    private (byte[] Buffer, int Length) _current = ([], 0);
    private int _position;

    /// <summary>Begins to read ahead.</summary>
    public ReadAheadStream(Stream source)
    {
        _source = source;
        _thread = new Thread(Run) { IsBackground = true, Name = "read ahead" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException("a stream that is read once has no length");

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException("a stream that is read ahead has no position");
        set => throw new NotSupportedException("a stream that is read once cannot be wound");
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        while (_position == _current.Length)
        {
            if (_current.Buffer.Length > 0)
            {
                _empty.Add(_current.Buffer);
                (_current, _position) = (([], 0), 0);
            }

            if (!_full.TryTake(out (byte[] Buffer, int Length) next, Timeout.Infinite))
            {
                _error?.Throw();
                return 0;
            }

            (_current, _position) = (next, 0);
        }

        int count = Math.Min(buffer.Length, _current.Length - _position);
        _current.Buffer.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("a stream that is read once cannot be wound");

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException("a stream that is read once has no length");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("the stream is for reading");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isClosed)
        {
            _isClosed = true;
            // Wakes the thread wherever it waits for us. Where it waits for its source, that ends by itself or by its owner.
            _empty.CompleteAdding();
            while (_full.TryTake(out _, Timeout.Infinite))
            {
            }

            _thread.Join();
            _source.Dispose();
            _full.Dispose();
            _empty.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Run()
    {
        try
        {
            // A small layer needs one buffer only.
            for (int made = 0; !_isClosed;)
            {
                if (!_empty.TryTake(out byte[]? buffer) && made < Buffers)
                {
                    buffer = new byte[BufferSize];
                    made++;
                }
                else if (buffer is null && !_empty.TryTake(out buffer, Timeout.Infinite))
                {
                    break;
                }

                int length = _source.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
                if (length > 0)
                {
                    _full.Add((buffer, length));
                }

                if (length < buffer.Length)
                {
                    break;
                }
            }
        }
#pragma warning disable CA1031 // Handed over to the reader, whatever it is: an exception that leaves a thread ends the process.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _error = ExceptionDispatchInfo.Capture(failure);
        }
        finally
        {
            _full.CompleteAdding();
        }
    }
}
