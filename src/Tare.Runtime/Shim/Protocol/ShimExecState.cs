namespace Tare.Runtime.Shim.Protocol;

/// <summary>One exec session of a container.</summary>
public sealed class ShimExecState
{
    /// <summary>The name that the client gave it.</summary>
    public string ExecId { get; set; } = "";

    /// <summary>Pid in the shim's pid namespace.</summary>
    public int Pid { get; set; }

    /// <summary>Whether the process still runs.</summary>
    public bool Running { get; set; }

    /// <summary>Exit code, 128 + signal for a killed process; null while it runs.</summary>
    public int? ExitCode { get; set; }
}
