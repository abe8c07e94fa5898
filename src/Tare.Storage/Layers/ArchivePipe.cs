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
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly BufferQueue _buffers = new();

    // The maker's.
    private byte[]? _filling;
    private int _filled;

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
        _buffers.Complete(failure);
    }

    /// <summary>The archive's digest; once, after the reader has found the end.</summary>
    internal Digest Finish() => Digest.FromHash(_hash.GetHashAndReset());

    private void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            _filling ??= _buffers.TakeEmpty();
            if (_filling is null)
            {
                return;
            }

            int count = Math.Min(bytes.Length, BufferQueue.BufferSize - _filled);
            bytes[..count].CopyTo(_filling.AsSpan(_filled));
            bytes = bytes[count..];
            _filled += count;
            if (_filled == BufferQueue.BufferSize)
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
        _buffers.Add(_filling, _filled);
        (_filling, _filled) = (null, 0);
    }

    private sealed class Writer(ArchivePipe pipe) : ForwardStream
    {
        public override bool CanRead => false;

        public override bool CanWrite => true;

        public override void Write(ReadOnlySpan<byte> buffer) => pipe.Write(buffer);
    }

    private sealed class Reader(ArchivePipe pipe) : ForwardStream
    {
        public override int Read(Span<byte> buffer) => pipe._buffers.Read(buffer);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                pipe._buffers.StopReading();
            }

            base.Dispose(disposing);
        }
    }
}
