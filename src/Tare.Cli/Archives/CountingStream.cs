using Tare.Linux.Streams;

namespace Tare.Cli.Archives;

/// <summary>Counts what goes through another stream in one direction. Does not own it.</summary>
/// <param name="inner">The stream.</param>
internal sealed class CountingStream(Stream inner) : ForwardStream
{
    /// <summary>Bytes so far.</summary>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => inner.CanRead;

    /// <inheritdoc/>
    public override bool CanWrite => inner.CanWrite;

    /// <inheritdoc/>
    public override long Position
    {
        get => Count;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int read = inner.Read(buffer);
        Count += read;
        return read;
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        Count += buffer.Length;
    }

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();
}
