using System.Buffers;
using System.Buffers.Binary;

namespace Tare.Docker.Streams;

/// <summary>
/// Writes Docker's multiplexed stream. A frame is
/// <code>byte 0: 1 output, 2 error output · bytes 1 to 3: zero · bytes 4 to 7: length, big-endian · then the bytes</code>
/// </summary>
internal static class FrameWriter
{
    /// <summary>Length of a frame's header in bytes.</summary>
    public const int HeaderLength = 8;

    /// <summary>Writes a frame.</summary>
    /// <param name="output">Receives it.</param>
    /// <param name="isError">Whether the bytes are error output.</param>
    /// <param name="prefix">The first part of the bytes.</param>
    /// <param name="text">The second part.</param>
    public static void Write(IBufferWriter<byte> output, bool isError, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> text)
    {
        WriteHeader(output.GetSpan(HeaderLength), isError, prefix.Length + text.Length);
        output.Advance(HeaderLength);
        output.Write(prefix);
        output.Write(text);
    }

    /// <summary>Writes the header of a frame.</summary>
    /// <param name="place">Its first bytes become the header.</param>
    /// <param name="isError">Whether the bytes are error output.</param>
    /// <param name="length">How many bytes the frame has without its header.</param>
    public static void WriteHeader(Span<byte> place, bool isError, int length)
    {
        Span<byte> header = place[..HeaderLength];
        header.Clear();
        header[0] = isError ? (byte)2 : (byte)1;
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], (uint)length);
    }
}
