using Tare.Linux.Interop;

namespace Tare.Linux.Processes;

/// <summary>The signals that this process ignores: by itself, or because whoever started it did, as a shell does for what it runs in the background. They survive execve (signal(7)).</summary>
public static unsafe class IgnoredSignals
{
    private const int Highest = 64;
    private const int Ignore = 1; // SIG_IGN

    /// <summary>Their numbers, in order.</summary>
    public static List<int> Get()
    {
        List<int> ignored = [];
        nint* action = stackalloc nint[4]; // struct sigaction of the kernel: the handler comes first
        for (int signal = 1; signal <= Highest; signal++)
        {
            if (Libc.Syscall(Syscalls.RtSigaction, signal, 0, (nint)action, sizeof(ulong)) == 0 && action[0] == Ignore)
            {
                ignored.Add(signal);
            }
        }

        return ignored;
    }
}
