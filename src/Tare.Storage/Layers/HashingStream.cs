using System.Security.Cryptography;
using Tare.Linux.Streams;
using Tare.Oci.Images;

namespace Tare.Storage.Layers;

/// <summary>Hashes what is read from another stream, and counts it. Closing it closes that stream.</summary>
internal sealed class HashingStream(Stream source) : ForwardStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[64 * 1024]; // headers are read in 512 bytes each, too little for a call of the hash
    private int _start;
    private int _end;

    /// <summary>Bytes hashed so far.</summary>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public override long Position
    {
        get => Count;
        set => throw new NotSupportedException("a stream that is read once cannot be wound");
    }

    /// <summary>Reads what is left, and gives the digest of everything.</summary>
    public Digest Finish()
    {
        Span<byte> sink = stackalloc byte[8192];
        while (Read(sink) > 0)
        {
        }

        return Digest.FromHash(_hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_start == _end)
        {
            if (buffer.Length >= _buffer.Length)
            {
                return Fetch(buffer);
            }

            (_start, _end) = (0, Fetch(_buffer));
        }

        int count = Math.Min(buffer.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    private int Fetch(Span<byte> buffer)
    {
        int read = source.Read(buffer);
        _hash.AppendData(buffer[..read]);
        Count += read;
        return read;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            source.Dispose();
        }

        base.Dispose(disposing);
    }
}
