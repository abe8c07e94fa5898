using System.Buffers.Binary;

namespace Tare.Cli.Streams;

/// <summary>
/// Separates the two outputs of a container without terminal. Each frame is
/// <code>
/// byte 0: stream (0 stdin, 1 stdout, 2 stderr, 3 an error of the daemon)   bytes 1-3: 0   bytes 4-7: length, big-endian   then the bytes
/// </code>
/// (Docker Engine API, "Stream format" of ContainerAttach).
/// </summary>
internal static class FrameReader
{
    private const int HeaderBytes = 8;

    /// <summary>Reads one block of bytes; 0 is the end.</summary>
    public delegate int Source(Span<byte> buffer);

    /// <summary>Takes bytes of one of the outputs.</summary>
    public delegate void Sink(bool isError, ReadOnlySpan<byte> bytes);

    /// <summary>Copies until the source ends.</summary>
    /// <exception cref="InvalidDataException">What comes are no frames, or the daemon reports an error in the stream.</exception>
    public static void Copy(Source source, Sink sink)
    {
        byte[] buffer = new byte[32 * 1024];
        int have = 0;
        int left = 0;
        int stream = 0;
        while (source(buffer.AsSpan(have)) is > 0 and int count)
        {
            have += count;
            int at = 0;
            while (at < have)
            {
                if (left == 0)
                {
                    if (have - at < HeaderBytes)
                    {
                        break;
                    }

                    (stream, left) = ReadHeader(buffer.AsSpan(at, HeaderBytes));
                    at += HeaderBytes;
                    continue;
                }

                int part = Math.Min(left, have - at);
                Deliver(stream, buffer.AsSpan(at, part), sink);
                at += part;
                left -= part;
            }

            buffer.AsSpan(at, have - at).CopyTo(buffer);
            have -= at;
        }
    }

    private static (int Stream, int Length) ReadHeader(ReadOnlySpan<byte> header)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
        return header[0] <= 3 && length >= 0
            ? (header[0], length)
            : throw new InvalidDataException($"Unrecognized input header: {header[0]}");
    }

    private static void Deliver(int stream, ReadOnlySpan<byte> bytes, Sink sink)
    {
        if (stream == 3)
        {
            throw new InvalidDataException($"error from daemon in stream: {System.Text.Encoding.UTF8.GetString(bytes)}");
        }

        sink(stream == 2, bytes);
    }
}
