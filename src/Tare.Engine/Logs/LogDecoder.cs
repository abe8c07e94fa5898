using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tare.Engine.Logs;

/// <summary>
/// Decodes lines of Docker's json-file format: <c>{"log":"…\n","stream":"stdout","attrs":{…},"time":"2026-01-02T15:04:05.123456789Z"}</c>. Lines as the shim writes them
/// take a short way, which unescapes in place; all others, such as another program's, take the parser.
/// </summary>
internal sealed class LogDecoder
{
    private static readonly SearchValues<byte> s_special = SearchValues.Create("\"\\"u8);

    private byte[] _lastTime = [];
    private DateTimeOffset _lastInstant;

    /// <summary>Decodes a line without its end. False for one that is no entry: torn by a crash, or damaged.</summary>
    /// <param name="line">The line; changed, and the entry's bytes are a part of it.</param>
    /// <param name="entry">The entry.</param>
    public bool TryDecode(Memory<byte> line, out LogEntry entry) => TryDecodeOwn(line, out entry) || TryDecodeAny(line.Span, out entry);

    /// <summary>Reads RFC 3339 with up to nine digits after the second; what is finer than 100 ns is cut.</summary>
    public static bool TryParseTime(string? text, out DateTimeOffset time)
    {
        time = default;
        if (text is null)
        {
            return false;
        }

        // .NET reads at most seven digits of a second.
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot >= 0)
        {
            int end = dot + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
            {
                end++;
            }

            if (end - dot - 1 > 7)
            {
                text = string.Concat(text.AsSpan(0, dot + 8), text.AsSpan(end));
            }
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    private bool TryDecodeOwn(Memory<byte> line, out LogEntry entry)
    {
        entry = default;
        Span<byte> bytes = line.Span;
        ReadOnlySpan<byte> begin = "{\"log\":\""u8;
        if (!bytes.StartsWith(begin))
        {
            return false;
        }

        // Looked at before anything is changed: what cannot be decoded here must reach the parser as it is.
        int end = EndOfText(bytes, begin.Length);
        if (end < 0 || !TryTail(bytes, end, out bool isError, out Range attributes, out DateTimeOffset time))
        {
            return false;
        }

        int length = Unescape(bytes[begin.Length..end]);
        entry = new LogEntry(isError, time, line.Slice(begin.Length, length), line[attributes]);
        return true;
    }

    /// <summary>The place of the quote that ends the text; -1 when there is none, or an escape that the shim does not write.</summary>
    private static int EndOfText(ReadOnlySpan<byte> bytes, int from)
    {
        while (true)
        {
            int next = bytes[from..].IndexOfAny(s_special);
            if (next < 0)
            {
                return -1;
            }

            from += next;
            if (bytes[from] == (byte)'"')
            {
                return from;
            }

            int skip = from + 1 >= bytes.Length ? 0 : bytes[from + 1] switch
            {
                (byte)'"' or (byte)'\\' or (byte)'n' or (byte)'r' or (byte)'t' => 2,
                (byte)'u' when IsPlainUnicode(bytes[from..]) => 6,
                _ => 0,
            };
            if (skip == 0)
            {
                return -1;
            }

            from += skip;
        }
    }

    /// <summary>An escape of one code point that is no surrogate.</summary>
    private static bool IsPlainUnicode(ReadOnlySpan<byte> escape) =>
        escape.Length >= 6 && int.TryParse(escape[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value) && value is < 0xD800 or > 0xDFFF;

    private bool TryTail(ReadOnlySpan<byte> bytes, int end, out bool isError, out Range attributes, out DateTimeOffset time)
    {
        attributes = 0..0;
        time = default;
        ReadOnlySpan<byte> output = "\",\"stream\":\"stdout\","u8;
        ReadOnlySpan<byte> error = "\",\"stream\":\"stderr\","u8;
        isError = bytes[end..].StartsWith(error);
        if (!isError && !bytes[end..].StartsWith(output))
        {
            return false;
        }

        int from = end + output.Length;
        ReadOnlySpan<byte> attribute = "\"attrs\":"u8;
        ReadOnlySpan<byte> timeName = "\"time\":\""u8;
        if (bytes[from..].StartsWith(attribute))
        {
            int timePlace = bytes.LastIndexOf(timeName);
            if (timePlace < from)
            {
                return false;
            }

            attributes = (from + attribute.Length)..(timePlace - 1);
            from = timePlace;
        }

        return bytes[from..].StartsWith(timeName) && bytes.EndsWith("\"}"u8) && TryTime(bytes[(from + timeName.Length)..^2], out time);
    }

    private bool TryTime(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        // Lines that were written together share their time.
        if (text.SequenceEqual(_lastTime))
        {
            time = _lastInstant;
            return true;
        }

        if (!TryParseTime(Encoding.ASCII.GetString(text), out time))
        {
            return false;
        }

        (_lastTime, _lastInstant) = (text.ToArray(), time);
        return true;
    }

    /// <summary>Unescapes in place; the length of what is left.</summary>
    private static int Unescape(Span<byte> text)
    {
        int read = text.IndexOf((byte)'\\');
        if (read < 0)
        {
            return text.Length;
        }

        int written = read;
        while (read < text.Length)
        {
            switch (text[read + 1])
            {
                case (byte)'n':
                    text[written++] = (byte)'\n';
                    read += 2;
                    break;
                case (byte)'r':
                    text[written++] = (byte)'\r';
                    read += 2;
                    break;
                case (byte)'t':
                    text[written++] = (byte)'\t';
                    read += 2;
                    break;
                case (byte)'u':
                    Rune rune = new(int.Parse(text.Slice(read + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                    written += rune.EncodeToUtf8(text[written..]);
                    read += 6;
                    break;
                default:
                    text[written++] = text[read + 1];
                    read += 2;
                    break;
            }

            int plain = text[read..].IndexOf((byte)'\\');
            plain = plain < 0 ? text.Length - read : plain;
            text.Slice(read, plain).CopyTo(text[written..]);
            written += plain;
            read += plain;
        }

        return written;
    }

    private static bool TryDecodeAny(ReadOnlySpan<byte> line, out LogEntry entry)
    {
        entry = default;
        string? text = null;
        bool isError = false;
        byte[] attributes = [];
        DateTimeOffset time = default;
        try
        {
            Utf8JsonReader reader = new(line);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("log"u8))
                {
                    reader.Read();
                    text = reader.GetString();
                }
                else if (reader.ValueTextEquals("stream"u8))
                {
                    reader.Read();
                    isError = reader.ValueTextEquals("stderr"u8);
                }
                else if (reader.ValueTextEquals("time"u8))
                {
                    reader.Read();
                    if (!TryParseTime(reader.GetString(), out time))
                    {
                        return false;
                    }
                }
                else
                {
                    bool isAttributes = reader.ValueTextEquals("attrs"u8);
                    reader.Read();
                    int start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    attributes = isAttributes ? line[start..(int)reader.BytesConsumed].ToArray() : attributes;
                }
            }
        }
        catch (JsonException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            // A member has another type than a string.
            return false;
        }

        if (text is null)
        {
            return false;
        }

        entry = new LogEntry(isError, time, Encoding.UTF8.GetBytes(text), attributes);
        return true;
    }
}
