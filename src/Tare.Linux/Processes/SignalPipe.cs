using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tare.Linux.Interop;

namespace Tare.Linux.Processes;

/// <summary>
/// Signals as something to read, for a process that waits in one place. From its making on the calling thread takes signals only inside
/// <see cref="Poll"/>; they go through a pipe, whichever thread the kernel chose, and none is lost. A process has one at most.
/// </summary>
/// <remarks>
/// A signalfd (signalfd(2)) would need the signals blocked in every thread, and the finalizer's, which was started before any code of ours ran, can only
/// be reached by a collection: half a millisecond, and half a MiB of unwinding tables. The handler is managed code, which must not interrupt managed
/// code: on this thread it runs inside ppoll(2) alone, on the finalizer's while that one waits. Once a collection has given that thread
/// something to do, it blocks the signals itself before anything else.
/// </remarks>
public sealed unsafe class SignalPipe : IDisposable
{
    private const int SigsetSize = 128; // sigset_t of glibc
    private const int LastSignal = 64;
    private static int s_writer = -1;

    private readonly int _reader;
    private readonly int _writer;
    private readonly byte[] _before = new byte[SigsetSize];

    /// <summary>
    /// Blocks all signals in this thread, and handles all but those of faults, of the runtime, of job control that do not concern a waiting
    /// process, and those that are ignored: what nohup(1) keeps away stays away. Children that are cloned from now on inherit the mask.
    /// </summary>
    /// <exception cref="LinuxException">EMFILE, ENFILE.</exception>
    public SignalPipe()
    {
        int* fds = stackalloc int[2];
        (_reader, _writer) = Libc.pipe2(fds, Libc.O_CLOEXEC | Libc.O_NONBLOCK) == 0 ? (fds[0], fds[1]) : throw LinuxException.Last("pipe2");
        s_writer = _writer;
        byte* all = stackalloc byte[SigsetSize];
        Fill(all);
        fixed (byte* before = _before)
        {
            _ = Libc.sigprocmask(Libc.SIG_SETMASK, all, before);
        }

        LeaveBehind();
        Libc.sigaction_t action = new() { handler = (nint)(delegate* unmanaged[Cdecl]<int, void>)&Handle, flags = Libc.SA_RESTART };
        new ReadOnlySpan<byte>(all, SigsetSize).CopyTo(new Span<byte>(action.mask, SigsetSize));
        for (int signal = 1; signal <= LastSignal; signal++)
        {
            Libc.sigaction_t former;
            if (IsHandled(signal) && Libc.sigaction(signal, &action, &former) == 0 && former.handler == Libc.SIG_IGN)
            {
                _ = Libc.sigaction(signal, &former, null);
            }
        }
    }

    /// <summary>Readable when <see cref="TryRead"/> has something.</summary>
    public int Descriptor => _reader;

    /// <summary>Waits like poll(2), and takes signals meanwhile. 0 when the time is over, and when a signal came the descriptors say so at the next call.</summary>
    /// <param name="watched">The descriptors; what came is reset when none has anything.</param>
    /// <param name="wait">False looks without waiting.</param>
    /// <returns>Whether a descriptor has something, or a signal came.</returns>
    public bool Poll(Span<Libc.pollfd> watched, bool wait)
    {
        Libc.timespec none = default;
        fixed (Libc.pollfd* fds = watched)
        fixed (byte* before = _before)
        {
            int count = Libc.ppoll(fds, (nuint)watched.Length, wait ? null : &none, before);
            if (count < 0)
            {
                foreach (ref Libc.pollfd one in watched)
                {
                    one.revents = 0;
                }
            }

            return count != 0;
        }
    }

    /// <summary>Takes the next signal; false when none is there.</summary>
    public bool TryRead(out int signal)
    {
        byte one;
        bool read = Libc.read(Descriptor, &one, 1) == 1;
        signal = read ? one : 0;
        return read;
    }

    /// <summary>Closes the pipe. Signals that come from now on have no effect: the process is at its end.</summary>
    public void Dispose()
    {
        s_writer = -1;
        _ = Libc.close(_reader);
        _ = Libc.close(_writer);
    }

    /// <summary>Fills a signal set of 128 bytes with all signals but those of faults (signal(7)) and of the runtime itself.</summary>
    private static void Fill(byte* set)
    {
        new Span<byte>(set, SigsetSize).Fill(0xFF);
        for (int signal = 1; signal <= LastSignal; signal++)
        {
            if (IsFaultOrRuntime(signal))
            {
                set[(signal - 1) / 8] &= (byte)~(1 << ((signal - 1) % 8));
            }
        }
    }

    // ILL, TRAP, ABRT, BUS, FPE, SEGV, and the three real-time signals of glibc and of the runtime's thread suspension.
    private static bool IsFaultOrRuntime(int signal) => signal is 4 or 5 or 6 or 7 or 8 or 11 or 32 or 33 or 34;

    private static bool IsHandled(int signal)
        => !IsFaultOrRuntime(signal) && signal is not (Libc.SIGKILL or Libc.SIGSTOP or Libc.SIGCHLD or Libc.SIGURG);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Handle(int signal)
    {
        int* errno = Libc.ErrnoLocation();
        int before = *errno;
        byte one = (byte)signal;
        _ = Libc.RawSyscall(Syscalls.Write, s_writer, (nint)(&one), 1, 0, 0, 0);
        *errno = before;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LeaveBehind() => _ = new Blocker();

    private sealed class Blocker
    {
        ~Blocker()
        {
            byte* all = stackalloc byte[SigsetSize];
            Fill(all);
            _ = Libc.sigprocmask(Libc.SIG_SETMASK, all, null);
        }
    }
}
