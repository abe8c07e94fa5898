namespace Tare.Docker.Hijack;

/// <summary>What becomes of the frames around output on its way to a client.</summary>
internal enum OutputFraming
{
    /// <summary>It goes as it comes: in frames from a process without a terminal, bare from one with.</summary>
    Kept,

    /// <summary>Frames are taken off: both streams become one.</summary>
    Stripped,

    /// <summary>What comes from a terminal is put into frames of standard output.</summary>
    Added,
}
