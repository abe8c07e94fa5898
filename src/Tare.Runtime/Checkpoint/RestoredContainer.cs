using Microsoft.Win32.SafeHandles;
using Tare.Linux.Processes;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Checkpoint;

/// <summary>A restored container, whose first process is a child of this process. Disposing closes descriptors and ends nothing.</summary>
/// <param name="stored">The container on disk.</param>
/// <param name="pidFd">The first process.</param>
/// <param name="ptyMaster">The master of its terminal; null without one.</param>
internal sealed class RestoredContainer(StoredContainer stored, SafePidFd pidFd, SafeFileHandle? ptyMaster) : IDisposable
{
    /// <summary>The container on disk.</summary>
    public StoredContainer Stored { get; } = stored;

    /// <summary>The first process, owned by this object.</summary>
    public SafePidFd PidFd { get; } = pidFd;

    /// <summary>The master of its terminal; null without one. Owned by this object.</summary>
    public SafeFileHandle? PtyMaster { get; } = ptyMaster;

    /// <inheritdoc/>
    public void Dispose()
    {
        PtyMaster?.Dispose();
        PidFd.Dispose();
    }
}
