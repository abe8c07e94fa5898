using System.Globalization;

namespace Tare.Cli.Output;

/// <summary>Times as Docker prints them.</summary>
internal static class ClockText
{
    /// <summary>The form of Go's <c>Time.String</c> in the local time zone: <c>2026-01-02 15:04:05 +0000 UTC</c>.</summary>
    public static string Go(DateTimeOffset time, TimeProvider clock)
    {
        DateTimeOffset local = TimeZoneInfo.ConvertTime(time, clock.LocalTimeZone);
        string offset = (local.Offset < TimeSpan.Zero ? "-" : "+") + local.Offset.ToString("hhmm", CultureInfo.InvariantCulture);
        string zone = local.Offset == TimeSpan.Zero ? "UTC" : offset;
        return $"{local.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} {offset} {zone}";
    }

    /// <summary>The same of a time in the form of RFC 3339, whose fraction of a second is kept.</summary>
    public static string Go(string rfc3339, TimeProvider clock)
    {
        if (!DateTimeOffset.TryParse(rfc3339, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
        {
            return rfc3339;
        }

        int point = rfc3339.IndexOf('.', StringComparison.Ordinal);
        string fraction = point < 0 ? string.Empty : "." + new string([.. rfc3339.Skip(point + 1).TakeWhile(char.IsAsciiDigit)]).TrimEnd('0');
        return Go(time, clock).Insert("yyyy-MM-dd HH:mm:ss".Length, fraction.Length > 1 ? fraction : string.Empty);
    }

    /// <summary>The form of RFC 3339 with nine decimals in the local time zone.</summary>
    /// <param name="clock">Knows the local time zone.</param>
    /// <param name="nanoseconds">Since 1970.</param>
    public static string Rfc3339(long nanoseconds, TimeProvider clock)
    {
        const long PerSecond = 1_000_000_000;
        DateTimeOffset local = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds(nanoseconds / PerSecond), clock.LocalTimeZone);
        string zone = local.Offset == TimeSpan.Zero ? "Z" : local.ToString("zzz", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{local:yyyy-MM-ddTHH:mm:ss}.{nanoseconds % PerSecond:D9}{zone}");
    }
}
