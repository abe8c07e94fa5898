using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Tare.Docker.Bodies;

/// <summary>
/// The framing of a body that comes in chunks (RFC 9112 section 7.1), without the content: where the content of a chunk begins, how much of it is left, where the body ends.
/// As strict as Kestrel: lines end with CR and LF, sizes are hexadecimal digits and nothing else before an extension.
/// </summary>
internal sealed class ChunkFraming
{
    /// <summary>Most bytes of a line, its end included; that of Go's reader.</summary>
    public const int LongestLine = 4096;

    private const int MostTrailerBytes = 64 * 1024;
    private const int MostDigits = 15; // of a long that is not negative

    private Part _next = Part.Size;
    private int _trailerBytes;

    private enum Part
    {
        Size,
        Content,
        ContentEnd,
        Trailer,
        Nothing,
    }

    /// <summary>Bytes of the current chunk's content that are still to come.</summary>
    public long Left { get; private set; }

    /// <summary>Whether the body has ended.</summary>
    public bool IsDone => _next == Part.Nothing;

    /// <summary>Takes what stands between contents, up to the next content or the end of the body. A line that is not whole is not taken.</summary>
    /// <param name="bytes">What came and was not taken yet; more than <see cref="LongestLine"/> bytes have a whole line, or are refused.</param>
    /// <returns>How many bytes were taken.</returns>
    /// <exception cref="BadHttpRequestException">This is no body in chunks.</exception>
    public int Take(ReadOnlySpan<byte> bytes)
    {
        int taken = 0;
        while (_next is not (Part.Content or Part.Nothing))
        {
            int length = LineIn(bytes[taken..]);
            if (length < 0)
            {
                break;
            }

            Read(bytes.Slice(taken, length - 2));
            taken += length;
        }

        return taken;
    }

    /// <summary>Notes that content was read.</summary>
    /// <param name="count">How many bytes, at most <see cref="Left"/>.</param>
    public void Pass(int count)
    {
        Left -= count;
        if (Left == 0 && _next == Part.Content)
        {
            _next = Part.ContentEnd;
        }
    }

    /// <summary>What another reader, which knows nothing of this body's beginning, has to be given before what follows, so that it finds the body's rest.</summary>
    public byte[] Rest() => Encoding.ASCII.GetBytes(_next switch
    {
        Part.Content => Left.ToString("x", CultureInfo.InvariantCulture) + "\r\n",
        Part.ContentEnd => "1\r\n.",
        Part.Trailer => "0\r\n",
        Part.Nothing => "0\r\n\r\n",
        _ => "",
    });

    /// <summary>The error of a body that ends before its last chunk.</summary>
    public static BadHttpRequestException Truncated() => new("Unexpected end of request content.");

    // Length of the line at the beginning, its end included; -1 where it is not whole.
    private int LineIn(ReadOnlySpan<byte> bytes)
    {
        int feed = bytes[..Math.Min(bytes.Length, LongestLine)].IndexOf((byte)'\n');
        if (feed > 0 && bytes[feed - 1] == '\r')
        {
            return feed + 1;
        }

        bool mayGrow = feed < 0 && bytes.Length < LongestLine && (_next != Part.ContentEnd || bytes.Length == 0 || bytes is [(byte)'\r']);
        return mayGrow ? -1 : throw Malformed(_next == Part.Trailer ? "trailer" : "chunk");
    }

    private void Read(ReadOnlySpan<byte> line)
    {
        switch (_next)
        {
            case Part.Size:
                Left = SizeIn(line);
                _next = Left == 0 ? Part.Trailer : Part.Content;
                break;
            case Part.ContentEnd:
                _next = line.IsEmpty ? Part.Size : throw Malformed("chunk");
                break;
            case Part.Trailer when line.IsEmpty:
                _next = Part.Nothing;
                break;
            case Part.Trailer:
                _trailerBytes += line.Length;
                if (_trailerBytes > MostTrailerBytes)
                {
                    throw Malformed("trailer");
                }

                break;
        }
    }

    private static long SizeIn(ReadOnlySpan<byte> line)
    {
        int extension = line.IndexOf((byte)';');
        ReadOnlySpan<byte> digits = extension < 0 ? line : line[..extension];
        return digits.Length <= MostDigits && long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long size)
            ? size
            : throw Malformed("chunk size");
    }

    private static BadHttpRequestException Malformed(string what) => new($"Bad {what} data.");
}
