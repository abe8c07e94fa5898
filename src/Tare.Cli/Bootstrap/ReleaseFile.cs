using System.Globalization;

namespace Tare.Cli.Bootstrap;

/// <summary>What an archive says of a suite (Debian's repository format, "Release" files).</summary>
internal static class ReleaseFile
{
    /// <summary>When the archive last changed the suite; null when the text does not say.</summary>
    /// <param name="lines">The lines of a Release or InRelease file.</param>
    public static DateTimeOffset? Date(IEnumerable<string> lines)
    {
        string? date = lines.FirstOrDefault(static line => line.StartsWith("Date:", StringComparison.Ordinal));
        // Date: Sat, 06 Sep 2025 10:09:25 UTC
        return date is not null && DateTimeOffset.TryParse(
            date["Date:".Length..].Replace("UTC", "GMT", StringComparison.Ordinal), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment)
            ? moment
            : null;
    }
}
