using System.Buffers;
using System.Globalization;

namespace Tare.Cli.CommandLine;

/// <summary>Durations as in <c>1h30m</c>, <c>1.5s</c> or <c>300ms</c>.</summary>
internal static class GoDuration
{
    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789.");

    /// <summary>Reads a duration in nanoseconds, the unit of Docker's documents.</summary>
    /// <exception cref="FormatException">The text is no duration.</exception>
    public static long ParseNanoseconds(string text) =>
        TryParse(text, out long nanoseconds) ? nanoseconds : throw new FormatException($"time: invalid duration {GoQuote.Quote(text)}");

    /// <summary>Reads a duration in nanoseconds; false when the text is none.</summary>
    public static bool TryParse(string text, out long nanoseconds)
    {
        nanoseconds = 0;
        ReadOnlySpan<char> rest = text;
        bool negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return true;
        }

        decimal total = 0;
        if (rest.IsEmpty)
        {
            return false;
        }

        while (!rest.IsEmpty)
        {
            int digits = rest.IndexOfAnyExcept(s_digits);
            if (digits <= 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
            {
                return false;
            }

            rest = rest[digits..];
            int next = rest.IndexOfAny(s_digits);
            ReadOnlySpan<char> unit = next < 0 ? rest : rest[..next];
            long scale = UnitNanoseconds(unit);
            if (scale == 0)
            {
                return false;
            }

            total += number * scale;
            rest = rest[unit.Length..];
        }

        nanoseconds = (long)(negative ? -total : total);
        return true;
    }

    private static long UnitNanoseconds(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 1,
        "us" or "µs" or "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => 0,
    };
}
