using System.Runtime.CompilerServices;
using Tare.Linux.Interop;

namespace Tare.Linux.Processes;

/// <summary>
/// Signals for programs that read them from a signalfd (signalfd(2)): they must be blocked in every thread, or the kernel hands them to one that
/// does not block them, where their default action takes place.
/// </summary>
public static unsafe class SignalMask
{
    private const int SigsetSize = 128;
    private static volatile bool s_finalizerBlocks;

    /// <summary>
    /// Blocks all signals but those of faults and of the runtime itself, in this thread and soon after in the finalizer's, the only other thread
    /// of a program that starts none. Children that are cloned from then on inherit the mask. Cheapest at the start, when there is nothing to collect.
    /// </summary>
    public static void BlockEverywhere()
    {
        Block();
        AskFinalizer();
    }

    /// <summary>Waits until the finalizer's thread blocks the signals too.</summary>
    public static void AwaitFinalizer()
    {
        for (int attempt = 0; attempt < 3 && !s_finalizerBlocks; attempt++)
        {
            GC.WaitForPendingFinalizers();
            if (!s_finalizerBlocks)
            {
                AskFinalizer();
            }
        }
    }

    /// <summary>Fills a signal set of 128 bytes with all signals but those of faults (signal(7)) and of the runtime itself.</summary>
    public static void Fill(byte* set)
    {
        new Span<byte>(set, SigsetSize).Fill(0xFF);
        // ILL, TRAP, ABRT, BUS, FPE, SEGV, and the three real-time signals of glibc and of the runtime's thread suspension.
        foreach (int signal in (ReadOnlySpan<int>)[4, 5, 6, 7, 8, 11, 32, 33, 34])
        {
            set[(signal - 1) / 8] &= (byte)~(1 << ((signal - 1) % 8));
        }
    }

    // The finalizer's thread was started before any code of ours ran; a finalizer is the way to run code on it.
    private static void AskFinalizer()
    {
        LeaveBehind();
        GC.Collect(0, GCCollectionMode.Forced, blocking: true, compacting: false);
    }

    private static void Block()
    {
        byte* set = stackalloc byte[SigsetSize];
        Fill(set);
        _ = Libc.sigprocmask(Libc.SIG_SETMASK, set, null);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LeaveBehind() => _ = new Blocker();

    private sealed class Blocker
    {
        ~Blocker()
        {
            Block();
            s_finalizerBlocks = true;
        }
    }
}
