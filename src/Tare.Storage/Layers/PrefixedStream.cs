using Tare.Linux.Streams;

namespace Tare.Storage.Layers;

/// <summary>Bytes that were read already, and the rest of the stream that they came from. Closing it closes that stream.</summary>
internal sealed class PrefixedStream(byte[] prefix, Stream rest) : ForwardStream
{
    private int _sent;

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_sent == prefix.Length)
        {
            return rest.Read(buffer);
        }

        int count = Math.Min(buffer.Length, prefix.Length - _sent);
        prefix.AsSpan(_sent, count).CopyTo(buffer);
        _sent += count;
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            rest.Dispose();
        }

        base.Dispose(disposing);
    }
}
