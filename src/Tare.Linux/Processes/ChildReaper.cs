using Tare.Linux.Interop;

namespace Tare.Linux.Processes;

/// <summary>Waits for children of this process through their pidfds (waitid(2) with P_PIDFD, Linux 5.4).</summary>
public static unsafe class ChildReaper
{
    /// <summary>Waits until the child has ended and takes its status.</summary>
    /// <exception cref="LinuxException">ECHILD: it is no child of this process, or was waited for already.</exception>
    public static ExitStatus Wait(SafePidFd child)
    {
        while (true)
        {
            Libc.siginfo_t info = default;
            if (Libc.waitid(Libc.P_PIDFD, child.Descriptor, &info, Libc.WEXITED) == 0)
            {
                return StatusOf(info);
            }

            LinuxException failure = LinuxException.Last("waitid");
            if (failure.Errno != Errno.EINTR)
            {
                throw failure;
            }
        }
    }

    /// <summary>Takes the child's status if it has ended; null while it runs.</summary>
    /// <exception cref="LinuxException">ECHILD: it is no child of this process, or was waited for already.</exception>
    public static ExitStatus? TryWait(SafePidFd child)
    {
        Libc.siginfo_t info = default;
        if (Libc.waitid(Libc.P_PIDFD, child.Descriptor, &info, Libc.WEXITED | Libc.WNOHANG) != 0)
        {
            throw LinuxException.Last("waitid");
        }

        return info.si_pid == 0 ? null : StatusOf(info);
    }

    private static ExitStatus StatusOf(in Libc.siginfo_t info)
        => info.si_code == Libc.CLD_EXITED ? new ExitStatus(info.si_status, 0) : new ExitStatus(0, info.si_status);
}
