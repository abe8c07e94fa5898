namespace Tare.Runtime.Shim.Protocol;

/// <summary>One line of a subscription. <see cref="Event"/> tells which members are set.</summary>
public sealed class ShimEvent
{
    /// <summary>The container's init ended: <see cref="ExitCode"/>, <see cref="At"/> and <see cref="Oom"/> are set. The last event.</summary>
    public const string Exit = "exit";

    /// <summary>An exec session ended: <see cref="ExecId"/>, <see cref="ExitCode"/> and <see cref="At"/> are set.</summary>
    public const string ExecExit = "exec-exit";

    /// <summary>The out-of-memory killer ended a process of the container.</summary>
    public const string OomKill = "oom";

    /// <summary>The log file was rotated: the youngest of the older files can be compressed.</summary>
    public const string LogRotate = "log-rotate";

    /// <summary>Which event: <see cref="Exit"/>, <see cref="ExecExit"/>, <see cref="OomKill"/> or <see cref="LogRotate"/>.</summary>
    public string Event { get; set; } = "";

    /// <summary>The exec session that ended.</summary>
    public string? ExecId { get; set; }

    /// <summary>Exit code, or 128 + signal.</summary>
    public int? ExitCode { get; set; }

    /// <summary>When it happened.</summary>
    public DateTimeOffset? At { get; set; }

    /// <summary>exit: whether the out-of-memory killer struck in the container.</summary>
    public bool? Oom { get; set; }
}
