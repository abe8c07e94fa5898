using Tare.Engine.Containers;

namespace Tare.Engine.Logs;

/// <summary>How a container's log is kept: what its driver and the driver's options come down to.</summary>
internal sealed record LogSettings
{
    /// <summary>The driver.</summary>
    public required string Driver { get; init; }

    /// <summary>Whether anything is kept on the disk at all.</summary>
    public bool IsKept { get; init; } = true;

    /// <summary>Whether clients may read it: not with driver none, nor with <c>cache-disabled</c>.</summary>
    public bool IsReadable { get; init; } = true;

    /// <summary>Whether entries are sent elsewhere; what is kept then is the cache that they are read from.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>Whether entries are kept in the compact format, not as lines of JSON.</summary>
    public bool Compact { get; init; }

    /// <summary>Size from which a file is rotated; -1 never rotates.</summary>
    public long MaxSizeBytes { get; init; }

    /// <summary>Files that are kept.</summary>
    public int MaxFiles { get; init; }

    /// <summary>Whether older files are compressed.</summary>
    public bool Compress { get; init; }

    /// <summary>Name of the current file below the container's folder.</summary>
    public string FileName(string id) => Compact ? "local-logs/container.log" : id + "-json.log";

    /// <summary>Reads a configuration that <see cref="LogValidator"/> has let pass.</summary>
    /// <exception cref="Errors.EngineException">InvalidArgument: a size or number is wrong.</exception>
    public static LogSettings Of(LogConfig log)
    {
        LogOptionReader options = new(log.Config ?? []);
        switch (log.Type)
        {
            case "none":
                return new LogSettings { Driver = log.Type, IsKept = false, IsReadable = false };
            case "json-file":
                // Docker keeps one file without a limit unless it is told otherwise; this default bounds it.
                bool bounded = options.Has("max-size");
                return new LogSettings
                {
                    Driver = log.Type,
                    MaxSizeBytes = options.Size("max-size", 10L << 20),
                    MaxFiles = options.Count("max-file", bounded ? 1 : 5),
                    Compress = options.Boolean("compress", !bounded),
                };
            case "local":
                return new LogSettings
                {
                    Driver = log.Type,
                    Compact = true,
                    MaxSizeBytes = options.Size("max-size", 20L << 20),
                    MaxFiles = options.Count("max-file", 5),
                    Compress = options.Boolean("compress", true),
                };
            default:
                return new LogSettings
                {
                    Driver = log.Type,
                    Compact = true,
                    IsForwarded = true,
                    IsReadable = !options.Boolean("cache-disabled", false),
                    MaxSizeBytes = options.Size("cache-max-size", 20L << 20),
                    MaxFiles = options.Count("cache-max-file", 5),
                    Compress = options.Boolean("cache-compress", true),
                };
        }
    }
}
