using System.Buffers;
using System.Globalization;
using System.Text;

namespace Tare.Runtime.Shim.Logs;

/// <summary>
/// Encodes lines as Docker's json-file driver does: <c>{"log":"text\n","stream":"stdout","time":"2026-01-02T15:04:05.123456789Z"}</c> and a
/// line feed. Bytes that are no UTF-8 become U+FFFD; <c>&lt; &gt; &amp;</c>, U+2028 and U+2029 are escaped as Go's encoder does it.
/// </summary>
internal sealed class JsonLogEncoder : ILogEncoder
{
    // ASCII that JSON and HTML leave as it is.
    private static readonly SearchValues<byte> s_plain =
        SearchValues.Create(" !#$%'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~\u007f"u8);

    private readonly byte[] _attributes;
    private readonly byte[] _time = new byte[40];
    private byte[] _buffer = new byte[1024];
    private int _length;
    private long _timeTicks = -1;
    private int _timeLength;

    /// <param name="attributes">An object of JSON that every line carries; null for none.</param>
    public JsonLogEncoder(string? attributes = null) => _attributes = attributes is null ? [] : Encoding.UTF8.GetBytes("\"attrs\":" + attributes + ",");

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>Forgets what was encoded; a buffer that grew beyond 64 KiB is given back.</summary>
    public void Clear()
    {
        _length = 0;
        if (_buffer.Length > 64 << 10)
        {
            _buffer = new byte[1024];
        }
    }

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<byte> text, bool isWhole, bool isError, DateTimeOffset time)
    {
        Put("{\"log\":\""u8);
        PutEscaped(text);
        Put(isWhole ? "\\n\",\"stream\":\"std"u8 : "\",\"stream\":\"std"u8);
        Put(isError ? "err\","u8 : "out\","u8);
        Put(_attributes);
        Put("\"time\":\""u8);
        PutTime(time);
        Put("\"}\n"u8);
    }

    private void PutEscaped(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            int plain = text.IndexOfAnyExcept(s_plain);
            plain = plain < 0 ? text.Length : plain;
            Put(text[..plain]);
            text = text[plain..];
            if (text.IsEmpty)
            {
                return;
            }

            _ = Rune.DecodeFromUtf8(text, out Rune rune, out int used);
            if (text[0] < 0x80)
            {
                PutEscape(text[0]);
            }
            else if (rune.Value is 0x2028 or 0x2029)
            {
                Put(rune.Value == 0x2028 ? "\\u2028"u8 : "\\u2029"u8);
            }
            else if (rune == Rune.ReplacementChar)
            {
                // A byte that starts no character stands for itself alone, as in Go; U+FFFD written as such passes through this way too.
                used = text.StartsWith("\uFFFD"u8) ? 3 : 1;
                Put("\\ufffd"u8);
            }
            else
            {
                Put(text[..used]);
            }

            text = text[used..];
        }
    }

    private void PutEscape(byte b)
    {
        switch (b)
        {
            case (byte)'"':
                Put("\\\""u8);
                break;
            case (byte)'\\':
                Put("\\\\"u8);
                break;
            case (byte)'\n':
                Put("\\n"u8);
                break;
            case (byte)'\r':
                Put("\\r"u8);
                break;
            default:
                ReadOnlySpan<byte> digits = "0123456789abcdef"u8;
                Put([(byte)'\\', (byte)'u', (byte)'0', (byte)'0', digits[b >> 4], digits[b & 15]]);
                break;
        }
    }

    // RFC3339Nano of Go: the fraction without trailing zeros, and no point without a fraction.
    private void PutTime(DateTimeOffset time)
    {
        // All lines of one read share their time.
        if (time.UtcTicks != _timeTicks)
        {
            _ = time.UtcDateTime.TryFormat(_time, out _timeLength, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
            _timeTicks = time.UtcTicks;
        }

        Put(_time.AsSpan(0, _timeLength));
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Reserve(int count)
    {
        if (_length + count > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        }
    }
}
