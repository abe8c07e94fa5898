using System.Globalization;
using Tare.Engine.Errors;

namespace Tare.Docker.Routing;

/// <summary>Times as Docker writes and reads them: RFC 3339 with up to nine digits, and Unix seconds with a fraction.</summary>
internal static class GoTime
{
    /// <summary>Go's zero time, which stands for "never".</summary>
    public const string Zero = "0001-01-01T00:00:00Z";

    /// <summary>Writes with the digits that are needed; null gives the zero time.</summary>
    public static string Format(DateTimeOffset? time) =>
        time is { } t ? t.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture) : Zero;

    /// <summary>Writes with nine digits, as log lines have them.</summary>
    public static string FormatFixed(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);

    /// <summary>Writes whole seconds, as volumes have them.</summary>
    public static string FormatSeconds(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Nanoseconds since 1970.</summary>
    public static long UnixNanoseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>Reads <c>seconds[.fraction]</c> or RFC 3339; null and empty give null.</summary>
    /// <exception cref="EngineException">InvalidArgument: it is neither.</exception>
    public static DateTimeOffset? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out decimal seconds)
            && seconds is > -62_135_596_800m and < 253_402_300_799m)
        {
            return DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));
        }

        return text.Contains('T', StringComparison.Ordinal)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time)
            ? time
            : throw new EngineException(ErrorClass.InvalidArgument, $"strconv.ParseInt: parsing \"{text}\": invalid syntax");
    }
}
