namespace Tare.Runtime.Shim.Protocol;

/// <summary>What a shim knows about its container.</summary>
public sealed class ShimState
{
    /// <summary>Pid of the container's init; 0 before it was created.</summary>
    public int Pid { get; set; }

    /// <summary><c>new</c>, <c>created</c>, <c>running</c>, <c>paused</c> or <c>stopped</c>.</summary>
    public string Status { get; set; } = "new";

    /// <summary>Pid of the shim itself.</summary>
    public int ShimPid { get; set; }

    /// <summary>How the container ended; null while it has not.</summary>
    public ExitRecord? Exit { get; set; }

    /// <summary>The exec sessions that were started, in order; ended ones are kept until the container ends (the last 64 of them).</summary>
    public List<ShimExecState> Execs { get; set; } = [];
}
