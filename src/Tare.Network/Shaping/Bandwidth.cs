using System.Globalization;

namespace Tare.Network.Shaping;

/// <summary>Rates of networks as tc(8) writes them: <c>10mbit</c>, <c>1.5gbit</c>, <c>500kbit</c>, and bytes as in <c>2mbps</c>.</summary>
public static class Bandwidth
{
    /// <summary>Below this, a single packet of the usual size takes longer than most protocols wait.</summary>
    public const long SmallestBitsPerSecond = 8_000;

    private static readonly (string Suffix, double Bits)[] s_units =
    [
        ("kibit", 1024), ("mibit", 1 << 20), ("gibit", 1 << 30), ("kbit", 1e3), ("mbit", 1e6), ("gbit", 1e9), ("tbit", 1e12),
        ("kbps", 8e3), ("mbps", 8e6), ("gbps", 8e9), ("bit", 1), ("bps", 8), ("k", 1e3), ("m", 1e6), ("g", 1e9),
    ];

    /// <summary>Reads a rate in bits per second; an empty text, <c>0</c> and <c>unlimited</c> are no limit, 0. A number without a unit counts bits.</summary>
    /// <exception cref="FormatException">It is no rate, or too small to carry a packet.</exception>
    public static long Parse(string text)
    {
        string word = text.Trim().ToLowerInvariant();
        if (word is "" or "0" or "unlimited")
        {
            return 0;
        }

        (string suffix, double bits) = Array.Find(s_units, unit => word.EndsWith(unit.Suffix, StringComparison.Ordinal));
        string number = suffix is null ? word : word[..^suffix.Length].TrimEnd();
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value) || value * (suffix is null ? 1 : bits) > 1e15)
        {
            throw new FormatException($"invalid bandwidth \"{text}\": a rate such as 10mbit, 500kbit or 2mbps (bytes) is expected");
        }

        long rate = (long)(value * (suffix is null ? 1 : bits));
        return rate == 0 ? 0 : rate >= SmallestBitsPerSecond ? rate : throw new FormatException($"invalid bandwidth \"{text}\": at least 8kbit are needed");
    }
}
