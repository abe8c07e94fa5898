namespace Tare.Linux.Processes;

/// <summary>A child of this process. The owner waits for it once, then disposes of it; disposing does not end it.</summary>
/// <param name="pid">Its pid.</param>
/// <param name="pidFd">Its pidfd, owned from here on.</param>
public sealed class SpawnedProcess(int pid, SafePidFd pidFd) : IDisposable
{
    private Task<ExitStatus>? _exit;

    /// <summary>Its pid.</summary>
    public int Pid { get; } = pid;

    /// <summary>Its pidfd.</summary>
    public SafePidFd PidFd { get; } = pidFd;

    /// <summary>
    /// Completes when the child has ended and is reaped. The wait takes one thread of the pool while the child lives, so it is meant for short-lived
    /// children or for those whose end is near.
    /// </summary>
    public Task<ExitStatus> WaitForExitAsync()
        => _exit ??= Task.Factory.StartNew(() => ChildReaper.Wait(PidFd), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Takes the status if the child has ended.</summary>
    public ExitStatus? TryWait() => ChildReaper.TryWait(PidFd);

    /// <inheritdoc/>
    public void Dispose() => PidFd.Dispose();
}
