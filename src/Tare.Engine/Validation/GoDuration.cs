using System.Globalization;
using System.Text;

namespace Tare.Engine.Validation;

/// <summary>Spans of time as Go writes and reads them: <c>1m30s</c>, <c>1.5s</c>, <c>250ms</c>.</summary>
internal static class GoDuration
{
    /// <summary>Reads a span; false when the text is none.</summary>
    public static bool TryParse(string text, out TimeSpan span)
    {
        span = TimeSpan.Zero;
        if (text == "0")
        {
            return true;
        }

        int start = 0;
        while (start < text.Length)
        {
            int end = start;
            while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.'))
            {
                end++;
            }

            int unitEnd = end;
            while (unitEnd < text.Length && !char.IsAsciiDigit(text[unitEnd]) && text[unitEnd] != '.')
            {
                unitEnd++;
            }

            double ticks = text[end..unitEnd] switch
            {
                "h" => TimeSpan.TicksPerHour,
                "m" => TimeSpan.TicksPerMinute,
                "s" => TimeSpan.TicksPerSecond,
                "ms" => TimeSpan.TicksPerMillisecond,
                "us" or "µs" or "μs" => TimeSpan.TicksPerMicrosecond,
                "ns" => 1.0 / TimeSpan.NanosecondsPerTick,
                _ => 0,
            };
            if (ticks == 0 || !double.TryParse(text.AsSpan(start, end - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count)
                || (span.Ticks + (count * ticks)) > long.MaxValue / 2)
            {
                return false;
            }

            span += TimeSpan.FromTicks((long)(count * ticks));
            start = unitEnd;
        }

        return text.Length > 0;
    }

    /// <summary>Why a text is no span, in Go's words.</summary>
    public static string Fault(string text) => text.Length > 0 && text.All(c => char.IsAsciiDigit(c) || c == '.')
        ? $"time: missing unit in duration \"{text}\""
        : $"time: invalid duration \"{text}\"";

    /// <summary>Writes a span.</summary>
    public static string Format(TimeSpan span)
    {
        if (span < TimeSpan.FromSeconds(1))
        {
            return span == TimeSpan.Zero ? "0s"
                : span < TimeSpan.FromMilliseconds(1) ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMicroseconds:0.###}µs")
                : string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0.######}ms");
        }

        StringBuilder text = new();
        if (span.TotalHours >= 1)
        {
            text.Append(CultureInfo.InvariantCulture, $"{(long)span.TotalHours}h");
        }

        if (span.TotalMinutes >= 1)
        {
            text.Append(CultureInfo.InvariantCulture, $"{span.Minutes}m");
        }

        return text.Append(CultureInfo.InvariantCulture, $"{span.Seconds + ((double)(span.Ticks % TimeSpan.TicksPerSecond) / TimeSpan.TicksPerSecond):0.#######}s").ToString();
    }
}
