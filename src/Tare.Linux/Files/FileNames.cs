using System.Text;
using System.Text.Unicode;

namespace Tare.Linux.Files;

/// <summary>
/// File names as text and back without loss. The kernel's names are bytes, mostly UTF-8; a byte that is not becomes a lone surrogate U+DC80 to
/// U+DCFF, which no valid UTF-8 decodes to, and turns into that byte again.
/// </summary>
public static class FileNames
{
    private const char EscapeBase = '\uDC00';
    private const char FirstEscape = '\uDC80';
    private const char LastEscape = '\uDCFF';

    /// <summary>The text of a name.</summary>
    public static string Decode(ReadOnlySpan<byte> name)
    {
        if (Utf8.IsValid(name))
        {
            return Encoding.UTF8.GetString(name);
        }

        StringBuilder text = new(name.Length);
        while (!name.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(name, out Rune rune, out int length) == System.Buffers.OperationStatus.Done)
            {
                text.Append(rune.ToString());
            }
            else
            {
                length = 1;
                text.Append((char)(EscapeBase + name[0]));
            }

            name = name[length..];
        }

        return text.ToString();
    }

    /// <summary>The bytes of a name, with a zero at the end.</summary>
    public static byte[] Encode(string name)
    {
        byte[] bytes = new byte[MaximumBytes(name)];
        return bytes[..(Encode(name, bytes) + 1)];
    }

    /// <summary>How many bytes <see cref="Encode(string, Span{byte})"/> may need.</summary>
    internal static int MaximumBytes(string name) => (name.Length * 3) + 1;

    /// <summary>Writes the bytes of a name with a zero at the end.</summary>
    /// <returns>The number of bytes without the zero.</returns>
    internal static int Encode(string name, Span<byte> bytes)
    {
        int written = 0;
        ReadOnlySpan<char> rest = name;
        while (!rest.IsEmpty)
        {
            int escape = rest.IndexOfAnyInRange(FirstEscape, LastEscape);
            bool pair = escape > 0 && char.IsHighSurrogate(rest[escape - 1]);
            ReadOnlySpan<char> plain = escape < 0 ? rest : rest[..(pair ? escape + 1 : escape)];
            written += Encoding.UTF8.GetBytes(plain, bytes[written..]);
            rest = rest[plain.Length..];
            if (escape >= 0 && !pair)
            {
                bytes[written++] = (byte)(rest[0] - EscapeBase);
                rest = rest[1..];
            }
        }

        bytes[written] = 0;
        return written;
    }
}
