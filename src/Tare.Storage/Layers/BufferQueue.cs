using System.Runtime.ExceptionServices;

namespace Tare.Storage.Layers;

/// <summary>
/// Bytes on their way from one thread, which fills buffers, to another, which reads them. No more than a few buffers are between them: who is faster waits. An error of the first comes to
/// the second when it has read what was filled before.
/// </summary>
internal sealed class BufferQueue
{
    /// <summary>Bytes of a buffer.</summary>
    public const int BufferSize = 256 * 1024;

    private const int Buffers = 4;

    // A monitor, which sleeps at once: collections and tasks that are waited for spin before, on processors that the other thread needs.
    private readonly object _gate = new();

    // Guarded by _gate.
    private readonly Queue<(byte[] Buffer, int Length)> _full = new(Buffers);
    private readonly Stack<byte[]> _empty = new(Buffers);
    private int _made;
    private bool _isComplete;
    private bool _isReaderGone;
    private ExceptionDispatchInfo? _failure;

    // The reader's.
    private (byte[] Buffer, int Length) _current = ([], 0);
    private int _position;

    /// <summary>Waits for a buffer to fill; null when nobody reads any more.</summary>
    public byte[]? TakeEmpty()
    {
        lock (_gate)
        {
            while (_empty.Count == 0 && _made == Buffers && !_isReaderGone)
            {
                Monitor.Wait(_gate);
            }

            if (_isReaderGone)
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

    /// <summary>Hands a buffer over.</summary>
    /// <param name="buffer">One of <see cref="TakeEmpty"/>.</param>
    /// <param name="length">How much of it is filled; one without content is dropped.</param>
    public void Add(byte[] buffer, int length)
    {
        if (length == 0)
        {
            return;
        }

        lock (_gate)
        {
            _full.Enqueue((buffer, length));
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Says that no more comes.</summary>
    /// <param name="failure">Why that was not all; null when it was.</param>
    public void Complete(Exception? failure)
    {
        lock (_gate)
        {
            _isComplete = true;
            _failure = failure is null ? null : ExceptionDispatchInfo.Capture(failure);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Reads what was filled, waiting for it; 0 at the end.</summary>
    public int Read(Span<byte> destination)
    {
        if (_position == _current.Length && !TakeFull())
        {
            return 0;
        }

        int count = Math.Min(destination.Length, _current.Length - _position);
        _current.Buffer.AsSpan(_position, count).CopyTo(destination);
        _position += count;
        return count;
    }

    /// <summary>Says that nothing more is read: who waits for an empty buffer gets none.</summary>
    public void StopReading()
    {
        lock (_gate)
        {
            _isReaderGone = true;
            Monitor.PulseAll(_gate);
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

            while (_full.Count == 0 && !_isComplete)
            {
                Monitor.Wait(_gate);
            }

            if (!_full.TryDequeue(out _current))
            {
                _current = ([], 0);
                _failure?.Throw();
            }

            return _current.Length > 0;
        }
    }
}
