using System.Globalization;

namespace Tare.Cli.CommandLine;

/// <summary>How the texts of simple options are read, with Docker's reasons for refusing one.</summary>
internal static class FlagValues
{
    /// <summary>A truth value: 1, t, true and their like, or 0, f, false.</summary>
    /// <exception cref="FormatException">The text is neither.</exception>
    public static bool Boolean(string text) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => throw new FormatException($"strconv.ParseBool: parsing {GoQuote.Quote(text)}: invalid syntax"),
    };

    /// <summary>A whole number of 64 bits, decimal or with the prefix 0x, 0o or 0b.</summary>
    /// <exception cref="FormatException">The text is no such number.</exception>
    public static long Integer(string text)
    {
        string digits = text.Replace("_", string.Empty, StringComparison.Ordinal);
        bool negative = digits.StartsWith('-');
        string unsigned = negative || digits.StartsWith('+') ? digits[1..] : digits;
        if (unsigned.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && long.TryParse(unsigned.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hexadecimal))
        {
            return negative ? -hexadecimal : hexadecimal;
        }

        if (unsigned.Length > 0 && unsigned.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0)
        {
            return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
                ? value
                : throw new FormatException($"strconv.ParseInt: parsing {GoQuote.Quote(text)}: value out of range");
        }

        throw new FormatException($"strconv.ParseInt: parsing {GoQuote.Quote(text)}: invalid syntax");
    }

    /// <summary>A whole number of 16 bits without sign.</summary>
    /// <exception cref="FormatException">The text is no such number.</exception>
    public static int UnsignedShort(string text)
    {
        if (text.Length == 0 || text.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            throw new FormatException($"strconv.ParseUint: parsing {GoQuote.Quote(text)}: invalid syntax");
        }

        return ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort value)
            ? value
            : throw new FormatException($"strconv.ParseUint: parsing {GoQuote.Quote(text)}: value out of range");
    }

    /// <summary>A number of processors, as in <c>1.5</c> or <c>3/2</c>, in billionths.</summary>
    /// <exception cref="FormatException">The text is no number, or finer than a billionth.</exception>
    public static long NanoCpus(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        bool readable = slash < 0
            ? decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal cpus)
            : TryFraction(text, slash, out cpus);
        if (!readable)
        {
            throw new FormatException($"failed to parse {text} as a rational number");
        }

        decimal nano = cpus * 1_000_000_000m;
        return nano == decimal.Truncate(nano) && Math.Abs(nano) <= long.MaxValue
            ? (long)nano
            : throw new FormatException("value is too precise");
    }

    /// <summary>A pair <c>key=value</c>; a missing value is empty.</summary>
    /// <exception cref="FormatException">The key is empty.</exception>
    public static string Label(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string key = (equals < 0 ? text : text[..equals]).Trim();
        return key.Length == 0 ? throw new FormatException($"invalid label '{text}': empty name") : text;
    }

    /// <summary>An environment variable: <c>NAME=value</c>, or <c>NAME</c> to take it from the client's environment.</summary>
    /// <exception cref="FormatException">The name is empty.</exception>
    public static string EnvironmentVariable(string text) =>
        text.Length == 0 || text[0] == '=' ? throw new FormatException($"invalid environment variable: {text}") : text;

    private static bool TryFraction(string text, int slash, out decimal value)
    {
        value = 0;
        if (!decimal.TryParse(text.AsSpan(0, slash), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out decimal numerator)
            || !decimal.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out decimal denominator)
            || denominator == 0)
        {
            return false;
        }

        value = numerator / denominator;
        return true;
    }
}
