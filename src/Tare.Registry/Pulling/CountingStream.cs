using Tare.Linux.Streams;

namespace Tare.Registry.Pulling;

/// <summary>Tells how far another stream has been read. Closing it closes that stream.</summary>
internal sealed class CountingStream(Stream source, IProgress<long> progress) : ForwardStream
{
    private long _count;

    /// <inheritdoc/>
    public override long Length => source.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _count;
        set => throw new NotSupportedException("a stream that is counted cannot be wound");
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int read = source.Read(buffer);
        _count += read;
        progress.Report(_count);
        return read;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }
}
