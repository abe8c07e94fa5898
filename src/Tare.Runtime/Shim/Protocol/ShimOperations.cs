namespace Tare.Runtime.Shim.Protocol;

/// <summary>Names of the operations of the shim protocol, as <see cref="ShimRequest.Op"/> carries them.</summary>
public static class ShimOperations
{
    /// <summary>Launches the container up to its start gate; replies with the pid of its init.</summary>
    public const string Create = "create";

    /// <summary>Opens the start gate; replies after execve succeeded or with its error.</summary>
    public const string Start = "start";

    /// <summary>Turns the connection into the stream of the container's standard streams.</summary>
    public const string Attach = "attach";

    /// <summary>Starts a process in the container; unless detached, the connection becomes its stream.</summary>
    public const string Exec = "exec";

    /// <summary>Sets the size of the container's or an exec session's terminal.</summary>
    public const string Resize = "resize";

    /// <summary>Sends a signal to the init, to an exec session or to every process of the container.</summary>
    public const string Kill = "kill";

    /// <summary>Freezes the container's cgroup.</summary>
    public const string Pause = "pause";

    /// <summary>Thaws the container's cgroup.</summary>
    public const string Resume = "resume";

    /// <summary>Replies with <see cref="ShimReply.State"/>.</summary>
    public const string State = "state";

    /// <summary>Turns the connection into a stream of <see cref="ShimEvent"/> lines.</summary>
    public const string Subscribe = "subscribe";

    /// <summary>Kills what is left of the container, cleans up, replies, ends the shim.</summary>
    public const string Shutdown = "shutdown";
}
