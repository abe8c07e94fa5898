using System.Globalization;

namespace Tare.Cli.CommandLine;

/// <summary>Sizes as Docker's options take them: a number and an optional unit of 1024 (<c>b k m g t p</c>, also <c>kb</c>, <c>kib</c>).</summary>
internal static class ByteSize
{
    private const string Units = "bkmgtp";

    /// <summary>Reads a size in bytes, or -1 for no limit.</summary>
    /// <exception cref="FormatException">The text is no size.</exception>
    public static long ParseOrUnlimited(string text) => text == "-1" ? -1 : Parse(text);

    /// <summary>Reads a size in bytes.</summary>
    /// <exception cref="FormatException">The text is no size.</exception>
    public static long Parse(string text)
    {
        int end = text.AsSpan().LastIndexOfAnyInRange('0', '9');
        if (end < 0 || !decimal.TryParse(text.AsSpan(0, end + 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
        {
            throw new FormatException($"invalid size: '{text}'");
        }

        string suffix = text[(end + 1)..].TrimStart(' ').ToLowerInvariant();
        if (suffix.Length == 0)
        {
            return Whole(number, text);
        }

        int unit = Units.IndexOf(suffix[0], StringComparison.Ordinal);
        bool known = unit >= 0 && suffix.Length switch
        {
            1 => true,
            2 => unit > 0 && suffix[1] == 'b',
            3 => unit > 0 && suffix[1..] == "ib",
            _ => false,
        };
        return known
            ? Whole(number * (1L << (10 * unit)), text)
            : throw new FormatException($"invalid suffix: '{suffix}'");
    }

    private static long Whole(decimal bytes, string text) =>
        bytes <= long.MaxValue ? (long)bytes : throw new FormatException($"invalid size: '{text}'");
}
