using System.Collections.Frozen;

namespace Tare.Engine.Validation;

/// <summary>The resource limits that Docker knows (setrlimit(2), without RLIMIT_).</summary>
internal static class UlimitNames
{
    /// <summary>Their names in lower case.</summary>
    public static FrozenSet<string> Known { get; } = new[]
    {
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
    }.ToFrozenSet(StringComparer.Ordinal);
}
