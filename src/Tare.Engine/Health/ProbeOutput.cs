using System.Buffers.Binary;
using System.Text;

namespace Tare.Engine.Health;

/// <summary>Takes the text out of a stream of Docker's frames, up to a limit; what is beyond is dropped and marked by <c>...</c>.</summary>
/// <param name="limit">Most bytes that are kept.</param>
internal sealed class ProbeOutput(int limit)
{
    private const int HeaderBytes = 8;

    private readonly byte[] _header = new byte[HeaderBytes];
    private readonly byte[] _text = new byte[limit];
    private int _headerLength;
    private int _payload;
    private int _length;
    private bool _truncated;

    /// <summary>Takes the next bytes of the stream.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_payload == 0)
            {
                int taken = Math.Min(HeaderBytes - _headerLength, bytes.Length);
                bytes[..taken].CopyTo(_header.AsSpan(_headerLength));
                _headerLength += taken;
                bytes = bytes[taken..];
                if (_headerLength == HeaderBytes)
                {
                    _payload = BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(4));
                    _headerLength = 0;
                }

                continue;
            }

            int count = Math.Min(_payload, bytes.Length);
            int kept = Math.Min(count, limit - _length);
            bytes[..kept].CopyTo(_text.AsSpan(_length));
            _length += kept;
            _truncated |= kept < count;
            _payload -= count;
            bytes = bytes[count..];
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Encoding.UTF8.GetString(_text, 0, _length) + (_truncated ? "..." : "");
}
