namespace Tare.Runtime.Shim.Protocol;

/// <summary>The log file of a container, with rotation.</summary>
public sealed class ShimLog
{
    /// <summary>Path of the current file; older ones are <c>PATH.1</c> (the youngest), <c>PATH.2</c> …, with <c>.gz</c> behind when they are compressed.</summary>
    public string Path { get; set; } = "";

    /// <summary>Size in bytes from which a file is rotated; 0 or less never rotates. Default 10 MiB.</summary>
    public long MaxSizeBytes { get; set; } = 10L << 20;

    /// <summary>Number of files that are kept, the current one included; 1 truncates instead of renaming. Default 5.</summary>
    public int MaxFiles { get; set; } = 5;

    /// <summary>Whether entries are written as <see cref="CompactLog"/> says; otherwise (default) as lines of Docker's json-file format.</summary>
    public bool Compact { get; set; }

    /// <summary>An object of JSON that every line of the json-file format carries as <c>attrs</c>; null for none.</summary>
    public string? Attributes { get; set; }
}
