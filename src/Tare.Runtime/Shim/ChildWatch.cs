using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Interop;
using Tare.Runtime.Shim.Loop;

namespace Tare.Runtime.Shim;

/// <summary>
/// Takes the orphans that become this process's children because it is a subreaper: a signalfd tells of them. The container's init and exec
/// sessions are followed by their pidfds instead, for SIGCHLD may be swallowed by a runtime thread that does not block it; a shim that was
/// started with all signals blocked, as the daemon does it, has no such thread.
/// </summary>
internal sealed unsafe class ChildWatch : IDisposable
{
    private const int SigsetSize = 128;
    private const int SignalInfoSize = 128;
    private const int SetChildSubreaper = 36; // PR_SET_CHILD_SUBREAPER

    private readonly EventLoop _loop;
    private readonly SafeFileHandle _signals;
    private readonly Func<int, bool> _isFollowed;

    /// <summary>Blocks all signals of this thread; the plan gives a container's processes an empty mask.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="isFollowed">Whether a child is reaped by someone else.</param>
    public ChildWatch(EventLoop loop, Func<int, bool> isFollowed)
    {
        _loop = loop;
        _isFollowed = isFollowed;
        byte* all = stackalloc byte[SigsetSize];
        new Span<byte>(all, SigsetSize).Fill(0xFF);
        _ = Libc.sigprocmask(Libc.SIG_SETMASK, all, null);
        ulong childOnly = 1UL << (Libc.SIGCHLD - 1);
        nint fd = Libc.Syscall(Syscalls.SignalFd4, -1, (nint)(&childOnly), sizeof(ulong), Libc.O_CLOEXEC | Libc.O_NONBLOCK);
        _signals = fd < 0 ? throw LinuxException.Last("signalfd") : new SafeFileHandle(fd, ownsHandle: true);
        _ = Libc.Syscall(Syscalls.Prctl, SetChildSubreaper, 1);
        loop.Add(Descriptors.Number(_signals), Libc.EPOLLIN, _ => OnSignal());
    }

    /// <summary>Takes every ended child that nobody follows. To be called after a followed child was reaped, too.</summary>
    public void ReapOrphans()
    {
        // Looked at before it is taken: a followed child in the first place is reaped soon, and then this runs again.
        Libc.siginfo_t child = default;
        while (Libc.waitid(Libc.P_ALL, 0, &child, Libc.WEXITED | Libc.WNOHANG | Libc.WNOWAIT) == 0 && child.si_pid != 0 && !_isFollowed(child.si_pid))
        {
            Libc.siginfo_t taken = default;
            _ = Libc.waitid(Libc.P_PID, child.si_pid, &taken, Libc.WEXITED | Libc.WNOHANG);
            child = default;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _loop.Forget(Descriptors.Number(_signals));
        _signals.Dispose();
    }

    private void OnSignal()
    {
        byte* info = stackalloc byte[SignalInfoSize];
        while (Libc.read(Descriptors.Number(_signals), info, SignalInfoSize) > 0)
        {
        }

        ReapOrphans();
    }
}
