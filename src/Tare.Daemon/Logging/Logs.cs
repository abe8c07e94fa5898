using Microsoft.Extensions.Logging;

namespace Tare.Daemon.Logging;

/// <summary>Makes the daemon's loggers.</summary>
internal static class Logs
{
    /// <summary>Makes loggers that write to stderr.</summary>
    /// <param name="level">The least level that is written. Kestrel's own messages only from a warning on: it has several for every connection.</param>
    public static LoggerFactory Create(LogLevel level)
    {
        LoggerFilterOptions filter = new() { MinLevel = level };
        filter.Rules.Add(new LoggerFilterRule(null, "Microsoft", level > LogLevel.Warning ? level : LogLevel.Warning, null));
#pragma warning disable CA2000 // The factory disposes its providers.
        return new LoggerFactory([new LogfmtProvider(Console.OpenStandardError(), TimeProvider.System)], filter);
#pragma warning restore CA2000
    }
}
