using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Tare.Linux.Streams;
using Tare.Oci.Images;

namespace Tare.Storage.Layers;

/// <summary>
/// An uncompressed archive on its way from the thread that makes it, which hashes it too, to the one that unpacks it (<see cref="LayerStore.Unpack(ArchivePipe, CancellationToken)"/>). No more than a few
/// buffers lie between them. The maker writes to <see cref="Output"/> and ends with <see cref="Complete"/>, whatever came of it.
/// </summary>
public sealed class ArchivePipe
{
    private const int BufferSize = 256 * 1024;
    private const int Buffers = 4;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    // A monitor, which sleeps at once: waiting for a task spins before, on processors that the other thread needs.
    private readonly object _gate = new();

    // Guarded by _gate.
    private readonly Queue<(byte[] Buffer, int Length)> _full = new(Buffers);
    private readonly Stack<byte[]> _empty = new(Enumerable.Range(0, Buffers).Select(static _ => new byte[BufferSize]));
    private bool _isComplete;
    private bool _isReaderGone;
    private ExceptionDispatchInfo? _failure;

    // The maker's.
    private byte[]? _filling;
    private int _filled;

    // The reader's.
    private (byte[] Buffer, int Length) _current = ([], 0);
    private int _position;

    /// <summary>Makes one.</summary>
    public ArchivePipe()
    {
        Output = new Writer(this);
        Input = new Reader(this);
    }

    /// <summary>Takes the archive. When nobody reads any more, what is written is dropped.</summary>
    public Stream Output { get; }

    /// <summary>Gives the archive to the thread that unpacks it; closing it says that nothing more is read.</summary>
    internal Stream Input { get; }

    /// <summary>Bytes of the archive; right after the reader has found its end.</summary>
    internal long Count { get; private set; }

    /// <summary>Ends the archive.</summary>
    /// <param name="failure">Why it is not whole: the reader gets this, after what was written. Null for a whole one.</param>
    public void Complete(Exception? failure)
    {
        Pass();
        lock (_gate)
        {
            _isComplete = true;
            _failure = failure is null ? null : ExceptionDispatchInfo.Capture(failure);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The archive's digest; once, after the reader has found the end.</summary>
    internal Digest Finish() => Digest.FromHash(_hash.GetHashAndReset());

    private void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            _filling ??= TakeEmpty();
            if (_filling is null)
            {
                return;
            }

            int count = Math.Min(bytes.Length, BufferSize - _filled);
            bytes[..count].CopyTo(_filling.AsSpan(_filled));
            bytes = bytes[count..];
            _filled += count;
            if (_filled == BufferSize)
            {
                Pass();
            }
        }
    }

    private void Pass()
    {
        if (_filling is null)
        {
            return;
        }

        _hash.AppendData(_filling, 0, _filled);
        Count += _filled;
        lock (_gate)
        {
            _full.Enqueue((_filling, _filled));
            Monitor.PulseAll(_gate);
        }

        (_filling, _filled) = (null, 0);
    }

    // Null when nobody reads any more.
    private byte[]? TakeEmpty()
    {
        lock (_gate)
        {
            while (_empty.Count == 0 && !_isReaderGone)
            {
                Monitor.Wait(_gate);
            }

            return _isReaderGone ? null : _empty.Pop();
        }
    }

    private int Read(Span<byte> buffer)
    {
        if (_position == _current.Length && !TakeFull())
        {
            return 0;
        }

        int count = Math.Min(buffer.Length, _current.Length - _position);
        _current.Buffer.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
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

    private void CloseInput()
    {
        lock (_gate)
        {
            _isReaderGone = true;
            Monitor.PulseAll(_gate);
        }
    }

    private sealed class Writer(ArchivePipe pipe) : ForwardStream
    {
        public override bool CanRead => false;

        public override bool CanWrite => true;

        public override void Write(ReadOnlySpan<byte> buffer) => pipe.Write(buffer);
    }

    private sealed class Reader(ArchivePipe pipe) : ForwardStream
    {
        public override int Read(Span<byte> buffer) => pipe.Read(buffer);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                pipe.CloseInput();
            }

            base.Dispose(disposing);
        }
    }
}
