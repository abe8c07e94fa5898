using Microsoft.Win32.SafeHandles;
using Tare.Linux.Processes;

namespace Tare.Runtime.Containers;

/// <summary>A process that was executed in a running container. It is a child of this process, which reaps it. Disposing closes descriptors and ends nothing.</summary>
/// <param name="pid">The pid outside.</param>
/// <param name="pidFd">Its pidfd.</param>
/// <param name="ptyMaster">The terminal's master; null without a terminal.</param>
public sealed class LaunchedProcess(int pid, SafePidFd pidFd, SafeFileHandle? ptyMaster) : IDisposable
{
    /// <summary>The pid outside.</summary>
    public int Pid { get; } = pid;

    /// <summary>Its pidfd, owned by this object.</summary>
    public SafePidFd PidFd { get; } = pidFd;

    /// <summary>The terminal's master; null without a terminal. Owned by this object.</summary>
    public SafeFileHandle? PtyMaster { get; } = ptyMaster;

    /// <inheritdoc/>
    public void Dispose()
    {
        PtyMaster?.Dispose();
        PidFd.Dispose();
    }
}
