using Tare.Linux.Interop;

namespace Tare.Runtime.Plan;

/// <summary>Runs a hook from the child, between clone and execve: the rules of <see cref="PlanExecutor"/> hold here too.</summary>
internal static unsafe class HookExecutor
{
    private const int ChildEnded = 17; // SIGCHLD
    private const int KillSignal = 9;
    private const int BrokenPipe = 13; // SIGPIPE
    private const int NoHang = 1; // WNOHANG
    private const int Monotonic = 1; // CLOCK_MONOTONIC
    private const int CloseOnExec = 0x80000; // O_CLOEXEC

    /// <summary>Runs it. Returns 0, a negative errno when it could not be executed, or minus one of <see cref="HookCall"/>'s reports.</summary>
    public static long Run(PlanExecutor.ChildContext* context, HookCall* hook)
    {
        int* pipe = (int*)context->Scratch;
        if (Libc.RawSyscall(context->Pipe2, (nint)pipe, CloseOnExec, 0, 0, 0, 0) != 0)
        {
            return -*Libc.ErrnoLocation();
        }

        int read = pipe[0];
        int write = pipe[1];
        Libc.RawSyscall(context->Lseek, (nint)hook->Input, 0, 0, 0, 0, 0);
        // Not clone3: profiles that cannot look into its arguments deny it.
        nint pid = Libc.RawSyscall(context->Clone, ChildEnded, 0, 0, 0, 0, 0);
        if (pid == 0)
        {
            Execute(context, hook, write);
        }

        int errno = pid < 0 ? *Libc.ErrnoLocation() : 0;
        Libc.RawSyscall(context->Close, write, 0, 0, 0, 0, 0);
        int* failure = (int*)context->Scratch;
        bool failed = pid > 0 && Libc.RawSyscall(context->Read, read, (nint)failure, sizeof(int), 0, 0, 0) == sizeof(int);
        errno = failed ? *failure : errno;
        Libc.RawSyscall(context->Close, read, 0, 0, 0, 0, 0);
        if (pid < 0)
        {
            return -errno;
        }

        long ended = Await(context, (int)pid, failed ? 0 : hook->TimeoutSeconds);
        return failed ? -errno : ended;
    }

    // In the hook's own process.
    private static void Execute(PlanExecutor.ChildContext* context, HookCall* hook, int report)
    {
        Libc.RawSyscall(context->Dup3, (nint)hook->Input, 0, 0, 0, 0, 0);
        if (hook->Output >= 0)
        {
            Libc.RawSyscall(context->Dup3, (nint)hook->Output, 1, 0, 0, 0, 0);
            Libc.RawSyscall(context->Dup3, (nint)hook->Output, 2, 0, 0, 0, 0);
        }

        ulong* action = (ulong*)context->Scratch; // struct sigaction of the kernel: SIG_DFL is all zero
        action[0] = action[1] = action[2] = action[3] = 0;
        Libc.RawSyscall(context->RtSigaction, BrokenPipe, (nint)action, 0, sizeof(ulong), 0, 0);
        Libc.RawSyscall(context->RtSigprocmask, Libc.SIG_SETMASK, (nint)action, 0, sizeof(ulong), 0, 0);
        Libc.RawSyscall(context->Execve, hook->Path, hook->Arguments, hook->Environment, 0, 0, 0);
        int errno = *Libc.ErrnoLocation();
        Libc.RawSyscall(context->Write, report, (nint)(&errno), sizeof(int), 0, 0, 0);
        while (true)
        {
            Libc.RawSyscall(context->ExitGroup, 127, 0, 0, 0, 0, 0);
        }
    }

    private static long Await(PlanExecutor.ChildContext* context, int pid, long timeoutSeconds)
    {
        ulong childEnded = 1ul << (ChildEnded - 1);
        long* now = (long*)context->Scratch; // struct timespec
        Libc.RawSyscall(context->ClockGettime, Monotonic, (nint)now, 0, 0, 0, 0);
        long deadline = now[0] + timeoutSeconds;
        int status;
        // Signals are blocked here, so that one which comes before the wait is not lost.
        while (Libc.RawSyscall(context->Wait4, pid, (nint)(&status), NoHang, 0, 0, 0) == 0)
        {
            if (timeoutSeconds > 0)
            {
                Libc.RawSyscall(context->ClockGettime, Monotonic, (nint)now, 0, 0, 0, 0);
                if (now[0] > deadline)
                {
                    Libc.RawSyscall(context->Kill, pid, KillSignal, 0, 0, 0, 0);
                    Libc.RawSyscall(context->Wait4, pid, (nint)(&status), 0, 0, 0, 0);
                    return -HookCall.TimedOut;
                }
            }

            now[0] = 1;
            now[1] = 0;
            Libc.RawSyscall(context->RtSigtimedwait, (nint)(&childEnded), 0, (nint)now, sizeof(ulong), 0, 0);
        }

        return status == 0 ? 0 : -(HookCall.Ended | status);
    }
}
