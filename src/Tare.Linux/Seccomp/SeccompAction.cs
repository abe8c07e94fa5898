namespace Tare.Linux.Seccomp;

/// <summary>What the kernel does with a system call (seccomp(2), "SECCOMP_RET"): the upper 16 bits of a filter's return value.</summary>
public enum SeccompAction : uint
{
    /// <summary>Ends the calling thread as by SIGSYS.</summary>
    KillThread = 0x00000000,

    /// <summary>Ends the process as by SIGSYS (kernel 4.14).</summary>
    KillProcess = 0x80000000,

    /// <summary>Sends SIGSYS to the thread; the lower 16 bits arrive in si_errno.</summary>
    Trap = 0x00030000,

    /// <summary>Fails the call with the errno in the lower 16 bits.</summary>
    Errno = 0x00050000,

    /// <summary>Asks a listener in user space (kernel 5.0).</summary>
    Notify = 0x7fc00000,

    /// <summary>Asks a ptrace tracer, which finds the lower 16 bits by PTRACE_GETEVENTMSG; ENOSYS without one.</summary>
    Trace = 0x7ff00000,

    /// <summary>Allows the call and logs it (kernel 4.14).</summary>
    Log = 0x7ffc0000,

    /// <summary>Allows the call.</summary>
    Allow = 0x7fff0000,
}
