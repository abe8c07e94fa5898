using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

// sys/wait.h, signal.h, sys/pidfd.h, sys/poll.h
public static unsafe partial class Libc
{
    /// <summary>waitid: the child with this pid.</summary>
    public const int P_PID = 1;

    /// <summary>waitid: the child behind this pidfd (5.4).</summary>
    public const int P_PIDFD = 3;

    /// <summary>waitid: any child.</summary>
    public const int P_ALL = 0;

    /// <summary>waitid: return at once.</summary>
    public const int WNOHANG = 1;

    /// <summary>waitid: children that ended.</summary>
    public const int WEXITED = 4;

    /// <summary>waitid: leave the child waitable.</summary>
    public const int WNOWAIT = 0x1000000;

    /// <summary>siginfo si_code: the child exited.</summary>
    public const int CLD_EXITED = 1;

    /// <summary>poll: readable.</summary>
    public const short POLLIN = 1;

    /// <summary>poll: the other end hung up.</summary>
    public const short POLLHUP = 0x10;

    /// <summary>The fields of siginfo_t that waitid(2) fills, 128 bytes as in the kernel.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    public struct siginfo_t
    {
        /// <summary>Signal number; 0 where WNOHANG found no child.</summary>
        [FieldOffset(0)]
        public int si_signo;

        /// <summary>How the child ended: CLD_EXITED and others.</summary>
        [FieldOffset(8)]
        public int si_code;

        /// <summary>The child.</summary>
        [FieldOffset(16)]
        public int si_pid;

        /// <summary>Exit status or signal.</summary>
        [FieldOffset(24)]
        public int si_status;
    }

    /// <summary>struct pollfd of poll(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct pollfd
    {
        /// <summary>The descriptor; negative entries are passed over.</summary>
        public int fd;

        /// <summary>What to wait for.</summary>
        public short events;

        /// <summary>What came.</summary>
        public short revents;
    }

    /// <summary>waitid(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int waitid(int idType, int id, siginfo_t* info, int options);

    /// <summary>kill(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int kill(int pid, int signal);

    /// <summary>poll(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int poll(pollfd* fds, nuint count, int timeoutMilliseconds);

    /// <summary>ppoll(2): poll with the signal mask (128 bytes) in place while it waits; null waits without end.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int ppoll(pollfd* fds, nuint count, timespec* timeout, byte* mask);

    /// <summary>struct sigaction (bits/sigaction.h of glibc), its handler a function of one argument.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct sigaction_t
    {
        /// <summary>The handler, or <see cref="SIG_IGN"/>.</summary>
        public nint handler;

        /// <summary>What is blocked meanwhile.</summary>
        public fixed byte mask[128];

        /// <summary>SA_*.</summary>
        public int flags;

        /// <summary>Set by libc.</summary>
        public nint restorer;
    }

    /// <summary>sigaction(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int sigaction(int signal, sigaction_t* action, sigaction_t* former);

    /// <summary>The signal is ignored.</summary>
    public const nint SIG_IGN = 1;

    /// <summary>Interrupted calls go on.</summary>
    public const int SA_RESTART = 0x10000000;

    /// <summary>sigprocmask(2) on a set of 128 bytes (sigset_t of glibc).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int sigprocmask(int how, byte* set, byte* oldSet);

    /// <summary>sigprocmask: replace the mask.</summary>
    public const int SIG_SETMASK = 2;

    /// <summary>Hang up.</summary>
    public const int SIGHUP = 1;

    /// <summary>Interrupt.</summary>
    public const int SIGINT = 2;

    /// <summary>Quit.</summary>
    public const int SIGQUIT = 3;

    /// <summary>Kill.</summary>
    public const int SIGKILL = 9;

    /// <summary>Invalid memory reference.</summary>
    public const int SIGSEGV = 11;

    /// <summary>A system call that a seccomp filter kills for.</summary>
    public const int SIGSYS = 31;

    /// <summary>Terminate.</summary>
    public const int SIGTERM = 15;

    /// <summary>A child ended.</summary>
    public const int SIGCHLD = 17;

    /// <summary>Stop.</summary>
    public const int SIGSTOP = 19;

    /// <summary>Urgent data on a socket.</summary>
    public const int SIGURG = 23;

    /// <summary>The window of the terminal changed.</summary>
    public const int SIGWINCH = 28;
}
