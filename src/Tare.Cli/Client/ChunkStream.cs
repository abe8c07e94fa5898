using System.Text;
using Tare.Linux.Streams;

namespace Tare.Cli.Client;

/// <summary>A request's body in chunks (RFC 9112 section 7.1): what is written becomes one chunk each time.</summary>
/// <param name="connection">Where it goes.</param>
internal sealed class ChunkStream(HttpConnection connection) : ForwardStream
{
    /// <summary>A good size of pieces, in bytes.</summary>
    public const int BestSize = 256 * 1024;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!buffer.IsEmpty)
        {
            connection.Send(Encoding.ASCII.GetBytes($"{buffer.Length:x}\r\n"));
            connection.Send(buffer);
            connection.Send("\r\n"u8);
        }
    }

    /// <summary>Ends the body.</summary>
    public void End() => connection.Send("0\r\n\r\n"u8);
}
