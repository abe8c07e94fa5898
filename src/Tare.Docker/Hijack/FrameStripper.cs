using System.Buffers.Binary;

namespace Tare.Docker.Hijack;

/// <summary>Takes the headers out of multiplexed output (eight bytes: stream, three zeros, length, big endian), wherever the parts in which it comes end.</summary>
internal sealed class FrameStripper
{
    private readonly byte[] _header = new byte[8];
    private int _headerLength;
    private uint _left;

    /// <summary>Moves the payload in <paramref name="bytes"/> to its beginning.</summary>
    /// <returns>How many bytes of payload there are.</returns>
    public int Strip(Span<byte> bytes)
    {
        int kept = 0;
        for (int at = 0; at < bytes.Length;)
        {
            if (_left == 0)
            {
                _header[_headerLength++] = bytes[at++];
                if (_headerLength == _header.Length)
                {
                    _headerLength = 0;
                    _left = BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(4));
                }

                continue;
            }

            int length = (int)Math.Min(_left, (uint)(bytes.Length - at));
            bytes.Slice(at, length).CopyTo(bytes[kept..]);
            kept += length;
            at += length;
            _left -= (uint)length;
        }

        return kept;
    }
}
