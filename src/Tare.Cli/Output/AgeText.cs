using System.Globalization;

namespace Tare.Cli.Output;

/// <summary>Spans of time for people, as Docker prints them.</summary>
internal static class AgeText
{
    /// <summary>The span in words: <c>About a minute</c>, <c>3 hours</c>, <c>2 weeks</c>.</summary>
    public static string Human(TimeSpan span)
    {
        long seconds = (long)span.TotalSeconds;
        long minutes = (long)span.TotalMinutes;
        long hours = (long)Math.Round(span.TotalHours, MidpointRounding.AwayFromZero);
        return seconds switch
        {
            < 1 => "Less than a second",
            1 => "1 second",
            < 60 => Count(seconds, "seconds"),
            _ when minutes == 1 => "About a minute",
            _ when minutes < 60 => Count(minutes, "minutes"),
            _ when hours == 1 => "About an hour",
            _ when hours < 48 => Count(hours, "hours"),
            _ when hours < 24 * 7 * 2 => Count(hours / 24, "days"),
            _ when hours < 24 * 30 * 2 => Count(hours / 24 / 7, "weeks"),
            _ when hours < 24 * 365 * 2 => Count(hours / 24 / 30, "months"),
            _ => Count((long)span.TotalHours / 24 / 365, "years"),
        };
    }

    private static string Count(long number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{number} {unit}");
}
