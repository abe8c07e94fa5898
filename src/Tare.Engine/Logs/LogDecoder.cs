using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tare.Engine.Logs;

/// <summary>Decodes lines of Docker's json-file format: <c>{"log":"…\n","stream":"stdout","time":"2026-01-02T15:04:05.123456789Z"}</c>.</summary>
internal static class LogDecoder
{
    /// <summary>Decodes a line without its end. False for one that is no entry: torn by a crash, or damaged.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> line, out LogEntry entry)
    {
        entry = default;
        string? text = null;
        bool isError = false;
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
                    reader.Read();
                    reader.Skip();
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

        entry = new LogEntry(isError, time, Encoding.UTF8.GetBytes(text));
        return true;
    }

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
}
