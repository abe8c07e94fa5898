using System.Buffers;
using System.Security.Cryptography;

namespace Tare.Oci.Images;

/// <summary>A content digest (image-spec, descriptor.md, Digests): <c>sha256:</c> and 64 lower-case hexadecimal digits.</summary>
public readonly record struct Digest
{
    private const string Prefix = "sha256:";
    private const int HexLength = 64;
    private static readonly SearchValues<char> s_hex = SearchValues.Create("0123456789abcdef");
    private readonly string? _value;

    private Digest(string value) => _value = value;

    /// <summary>The hexadecimal part.</summary>
    public string Hex => ToString()[Prefix.Length..];

    /// <summary>The first 12 digits of the hexadecimal part, as people read it.</summary>
    public string Short => Hex[..12];

    /// <summary>Whether this is the default value, which is no digest.</summary>
    public bool IsEmpty => _value is null;

    /// <summary>Reads a digest.</summary>
    /// <exception cref="FormatException">It is not of the form; the message quotes it.</exception>
    public static Digest Parse(string text) => TryParse(text, out Digest digest) ? digest : throw new FormatException($"invalid digest \"{text}\"");

    /// <summary>Reads a digest; false when the text is none.</summary>
    public static bool TryParse(string? text, out Digest digest)
    {
        bool valid = text is { Length: HexLength + 7 } && text.StartsWith(Prefix, StringComparison.Ordinal) && IsHex(text.AsSpan(Prefix.Length));
        digest = valid ? new Digest(text!) : default;
        return valid;
    }

    /// <summary>Whether all characters are lower-case hexadecimal digits.</summary>
    public static bool IsHex(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(s_hex);

    /// <summary>The digest of 32 hash bytes.</summary>
    public static Digest FromHash(ReadOnlySpan<byte> hash) => new(Prefix + Convert.ToHexStringLower(hash));

    /// <summary>The digest of content.</summary>
    public static Digest Of(ReadOnlySpan<byte> content) => FromHash(SHA256.HashData(content));

    /// <inheritdoc/>
    public override string ToString() => _value ?? throw new InvalidOperationException("an empty digest has no text");
}
