using System.Globalization;

namespace Tare.Cli.CommandLine;

/// <summary>Points in time as options take them: a time of RFC 3339 (parts may be missing), seconds since 1970, or a duration that means so long ago.</summary>
internal static class TimeArgument
{
    private const long NanosecondsPerTick = 100;

    /// <summary>Turns the text into what the API takes: seconds since 1970 with nine decimals. Empty stays empty.</summary>
    /// <exception cref="FormatException">The text is no time.</exception>
    public static string Parse(string option, string text, TimeProvider clock)
    {
        if (text.Length == 0 || decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _))
        {
            return text;
        }

        if (GoDuration.TryParse(text, out long nanoseconds))
        {
            return Seconds(clock.GetUtcNow().AddTicks(-nanoseconds / NanosecondsPerTick));
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out DateTimeOffset time)
            ? Seconds(time)
            : throw new FormatException($"invalid value for \"{option}\": failed to parse value as time or duration: {GoQuote.Quote(text)}");
    }

    private static string Seconds(DateTimeOffset time)
    {
        long ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        return string.Create(CultureInfo.InvariantCulture, $"{ticks / TimeSpan.TicksPerSecond}.{ticks % TimeSpan.TicksPerSecond * NanosecondsPerTick:D9}");
    }
}
