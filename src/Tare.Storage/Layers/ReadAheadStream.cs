using System.Runtime.ExceptionServices;
using Tare.Linux.Streams;

namespace Tare.Storage.Layers;

/// <summary>
/// Reads another stream ahead on a thread of its own, a few buffers far: while one thread decompresses, another hashes and writes files. An error of the other
/// stream comes when what was read before it has been taken. Closing it ends the thread and closes that stream.
/// </summary>
internal sealed class ReadAheadStream : ForwardStream
{
    private const int BufferSize = 256 * 1024;
    private const int Buffers = 4;

    private readonly Stream _source;
    private readonly Thread _thread;

    // A monitor, which sleeps at once: collections that block spin before, on processors that those need who make or take the bytes.
    private readonly object _gate = new();

    // Guarded by _gate.
    private readonly Queue<(byte[] Buffer, int Length)> _full = new(Buffers);
    private readonly Stack<byte[]> _empty = new(Buffers);
    private int _made;
    private bool _isClosed;
    private bool _isDone;
    private ExceptionDispatchInfo? _error;

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
    public override int Read(Span<byte> buffer)
    {
        while (_position == _current.Length)
        {
            if (!TakeFull())
            {
                _error?.Throw();
                return 0;
            }
        }

        int count = Math.Min(buffer.Length, _current.Length - _position);
        _current.Buffer.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isClosed)
        {
            // Wakes the thread where it waits for us. Where it waits for its source, that ends by itself or by its owner.
            lock (_gate)
            {
                _isClosed = true;
                Monitor.PulseAll(_gate);
            }

            _thread.Join();
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Run()
    {
        try
        {
            while (TakeEmpty() is { } buffer)
            {
                int length = _source.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
                Add(buffer, length);
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
            lock (_gate)
            {
                _isDone = true;
                Monitor.PulseAll(_gate);
            }
        }
    }

    // Gives the buffer back that was read, and takes the next; false at the end.
    private bool TakeFull()
    {
        lock (_gate)
        {
            if (_current.Buffer.Length > 0)
            {
                _empty.Push(_current.Buffer);
                (_current, _position) = (([], 0), 0);
                Monitor.PulseAll(_gate);
            }

            while (_full.Count == 0 && !_isDone)
            {
                Monitor.Wait(_gate);
            }

            (_current, _position) = (_full.TryDequeue(out (byte[] Buffer, int Length) next) ? next : ([], 0), 0);
            return _current.Length > 0;
        }
    }

    // Null when nobody reads any more.
    private byte[]? TakeEmpty()
    {
        lock (_gate)
        {
            while (_empty.Count == 0 && _made == Buffers && !_isClosed)
            {
                Monitor.Wait(_gate);
            }

            if (_isClosed)
            {
                return null;
            }

            if (_empty.TryPop(out byte[]? buffer))
            {
                return buffer;
            }

            _made++; // a small layer needs one buffer only
            return new byte[BufferSize];
        }
    }

    private void Add(byte[] buffer, int length)
    {
        lock (_gate)
        {
            if (length > 0)
            {
                _full.Enqueue((buffer, length));
                Monitor.PulseAll(_gate);
            }
        }
    }
}
