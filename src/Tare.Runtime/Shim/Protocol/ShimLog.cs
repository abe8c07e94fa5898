namespace Tare.Runtime.Shim.Protocol;

/// <summary>The log file of a container, in Docker's json-file format, with rotation.</summary>
public sealed class ShimLog
{
    /// <summary>Path of the current file; older ones are <c>PATH.1</c> (the youngest), <c>PATH.2</c> …</summary>
    public string Path { get; set; } = "";

    /// <summary>Size in bytes from which a file is rotated; 0 or less never rotates. Default 10 MiB.</summary>
    public long MaxSizeBytes { get; set; } = 10L << 20;

    /// <summary>Number of files that are kept, the current one included; 1 truncates instead of renaming. Default 5.</summary>
    public int MaxFiles { get; set; } = 5;
}
