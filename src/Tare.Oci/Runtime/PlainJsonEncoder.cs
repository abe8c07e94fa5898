using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tare.Oci.Runtime;

/// <summary>
/// Escapes what JSON demands and nothing more (RFC 8259, section 7). The encoders that come with the writer build tables for HTML at their first
/// use, 0.1 ms of a program that lives for five.
/// </summary>
internal sealed class PlainJsonEncoder : JavaScriptEncoder
{
    private static readonly PlainJsonEncoder s_instance = new();

    /// <summary>Options of a writer that uses it.</summary>
    /// <param name="indented">On several lines, for people.</param>
    public static JsonWriterOptions WriterOptions(bool indented = false) => new() { Encoder = s_instance, Indented = indented };

    /// <inheritdoc/>
    public override int MaxOutputCharactersPerInputCharacter => 6;

    /// <inheritdoc/>
    public override bool WillEncode(int unicodeScalar) => unicodeScalar is < 0x20 or '"' or '\\';

    /// <inheritdoc/>
    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        ReadOnlySpan<char> characters = new(text, textLength);
        for (int i = 0; i < characters.Length; i++)
        {
            // Halves of a pair are left to the base class, which replaces one that stands alone.
            if (WillEncode(characters[i]) || char.IsSurrogate(characters[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <inheritdoc/>
    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        Span<char> output = new(buffer, bufferLength);
        if (!WillEncode(unicodeScalar))
        {
            return new Rune(unicodeScalar).TryEncodeToUtf16(output, out numberOfCharactersWritten);
        }

        string escaped = unicodeScalar switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            _ => $"\\u{unicodeScalar:x4}",
        };
        numberOfCharactersWritten = escaped.TryCopyTo(output) ? escaped.Length : 0;
        return numberOfCharactersWritten > 0;
    }
}
