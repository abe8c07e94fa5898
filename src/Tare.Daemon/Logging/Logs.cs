using Microsoft.Extensions.Logging;
using Tare.Daemon.Options;

namespace Tare.Daemon.Logging;

/// <summary>Makes the daemon's loggers.</summary>
internal static class Logs
{
    /// <summary>Makes loggers that write to stderr.</summary>
    /// <param name="level">Tells the least level that is written; asked for every message, since a reload may change it. Kestrel's own messages only from a warning on: it has
    /// several for every connection.</param>
    /// <param name="format"><c>text</c> or <c>json</c>; null means text.</param>
    /// <exception cref="OptionException">The format is unknown.</exception>
    public static LoggerFactory Create(Func<LogLevel> level, string? format)
    {
        if (format is not (null or "" or "text" or "json"))
        {
            throw new OptionException($"invalid log format: {format}");
        }

        LoggerFilterOptions filter = new() { MinLevel = LogLevel.Trace };
        filter.Rules.Add(new LoggerFilterRule(null, null, null, (_, category, wanted) =>
            wanted >= level() && (wanted >= LogLevel.Warning || category?.StartsWith("Microsoft", StringComparison.Ordinal) != true)));
#pragma warning disable CA2000 // The factory disposes its providers.
        return new LoggerFactory([new LogfmtProvider(Console.OpenStandardError(), TimeProvider.System, format == "json")], filter);
#pragma warning restore CA2000
    }
}
