using Microsoft.Win32.SafeHandles;
using Tare.Linux.Processes;
using Tare.Runtime.Plan;

namespace Tare.Runtime.Containers;

/// <summary>
/// A container whose first process waits at the start gate, or runs. The process is a child of this process, which reaps it. Disposing closes
/// descriptors and ends nothing.
/// </summary>
public sealed class CreatedContainer : IDisposable
{
    private readonly LaunchedChild _child;
    private readonly StoredContainer _stored;

    internal CreatedContainer(LaunchedChild child, StoredContainer stored, SafeFileHandle? ptyMaster)
    {
        _child = child;
        _stored = stored;
        PtyMaster = ptyMaster;
    }

    /// <summary>The first process outside.</summary>
    public int Pid => _child.Pid;

    /// <summary>Its pidfd, owned by this object.</summary>
    public SafePidFd PidFd => _child.PidFd;

    /// <summary>The terminal's master; null without a terminal. Owned by this object.</summary>
    public SafeFileHandle? PtyMaster { get; }

    /// <summary>The container on disk.</summary>
    public StoredContainer Stored => _stored;

    /// <summary>Opens the start gate and returns when the process is executed; runs the poststart hooks.</summary>
    /// <exception cref="RuntimeException">It could not be executed; the process has ended, the caller reaps it.</exception>
    public void Start()
    {
        _stored.OpenGate();
        WaitForExec();
    }

    /// <summary>Returns when the process is executed, of a container without a gate; runs the poststart hooks.</summary>
    /// <exception cref="RuntimeException">It could not be executed; the process has ended, the caller reaps it.</exception>
    public void WaitForExec()
    {
        _child.WaitForExec();
        _stored.RunPoststart();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        PtyMaster?.Dispose();
        _child.Dispose();
    }
}
