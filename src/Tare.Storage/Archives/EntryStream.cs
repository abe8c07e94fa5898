using Tare.Linux.Streams;
using Tare.Storage.Tar;

namespace Tare.Storage.Archives;

/// <summary>A file of an archive as a stream, its first bytes having been read already.</summary>
/// <param name="start">These bytes.</param>
/// <param name="reader">Where the rest comes from.</param>
/// <param name="progress">Told how many bytes were read, every MiB and at the end.</param>
internal sealed class EntryStream(byte[] start, TarReader reader, Action<long> progress) : ForwardStream
{
    private const long Step = 1 << 20;
    private int _taken;
    private long _count;
    private long _reported;

    /// <inheritdoc/>
    public override long Position
    {
        get => _count;
        set => throw new NotSupportedException("a stream that is read once cannot be wound");
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int read;
        if (_taken < start.Length)
        {
            read = Math.Min(buffer.Length, start.Length - _taken);
            start.AsSpan(_taken, read).CopyTo(buffer);
            _taken += read;
        }
        else
        {
            read = reader.Read(buffer);
        }

        _count += read;
        if (_count - _reported >= Step || (read == 0 && _count > _reported))
        {
            _reported = _count;
            progress(_count);
        }

        return read;
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));
}
