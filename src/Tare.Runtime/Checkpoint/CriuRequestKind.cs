namespace Tare.Runtime.Checkpoint;

/// <summary>What criu is asked for (criu, images/rpc.proto, criu_req_type).</summary>
internal enum CriuRequestKind
{
    /// <summary>Writes a process tree to images.</summary>
    Dump = 1,

    /// <summary>Makes a process tree from images.</summary>
    Restore = 2,

    /// <summary>Writes the memory only, and leaves the tree running.</summary>
    PreDump = 4,

    /// <summary>Answers a notification.</summary>
    Notify = 6,

    /// <summary>Tells what criu and the kernel can do.</summary>
    FeatureCheck = 9,

    /// <summary>Tells criu's version.</summary>
    Version = 10,
}
