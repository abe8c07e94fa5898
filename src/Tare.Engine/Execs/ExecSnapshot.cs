namespace Tare.Engine.Execs;

/// <summary>An exec session at one instant, immutable.</summary>
public sealed record ExecSnapshot
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Id of the container.</summary>
    public required string ContainerId { get; init; }

    /// <summary>What runs.</summary>
    public required ExecConfig Config { get; init; }

    /// <summary>Whether the process runs.</summary>
    public bool Running { get; init; }

    /// <summary>Exit code; null before the end.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Pid in the daemon's pid namespace; 0 before the start.</summary>
    public int Pid { get; init; }

    /// <summary>Whether the start was tried: a session starts once.</summary>
    public bool Started { get; init; }
}
