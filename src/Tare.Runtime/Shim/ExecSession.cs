using Tare.Linux.Processes;
using Tare.Runtime.Containers;
using Tare.Runtime.Shim.Streams;

namespace Tare.Runtime.Shim;

/// <summary>A process that was started in the container beside its init.</summary>
/// <param name="id">The client's name for it.</param>
/// <param name="process">The process, owned from here on.</param>
/// <param name="streams">Its streams, owned from here on.</param>
internal sealed class ExecSession(string id, LaunchedProcess process, ProcessStreams streams)
{
    /// <summary>The client's name for it.</summary>
    public string Id { get; } = id;

    /// <summary>Its pid.</summary>
    public int Pid { get; } = process.Pid;

    /// <summary>Its streams.</summary>
    public ProcessStreams Streams { get; } = streams;

    /// <summary>Its pidfd.</summary>
    public SafePidFd PidFd => process.PidFd;

    /// <summary>Exit code, or 128 + signal; null while it runs.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Takes its end.</summary>
    public void End(ExitStatus status)
    {
        ExitCode = status.ShellStatus;
        process.PidFd.Dispose();
    }
}
