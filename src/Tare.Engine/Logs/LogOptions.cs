namespace Tare.Engine.Logs;

/// <summary>Which part of a container's log is read.</summary>
public sealed record LogOptions
{
    /// <summary>Whether the output is read.</summary>
    public bool Stdout { get; init; } = true;

    /// <summary>Whether the error output is read.</summary>
    public bool Stderr { get; init; } = true;

    /// <summary>Whether reading goes on until the container ends.</summary>
    public bool Follow { get; init; }

    /// <summary>Only entries of this instant or later; null means from the beginning.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only entries of this instant or earlier; null means to the end.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only the last entries; null means all, 0 none.</summary>
    public int? Tail { get; init; }

    /// <summary>Where the reading begins, instead of at the beginning; a place that has gone means the oldest entry that is left.</summary>
    internal LogCursor? From { get; init; }
}
