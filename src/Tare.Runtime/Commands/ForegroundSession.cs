using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Linux.Terminals;

namespace Tare.Runtime.Commands;

/// <summary>
/// Waits for a process in the foreground: passes signals on, and carries bytes between this process's terminal and the container's. Signals are
/// caught from the start, so that none is lost before the process runs.
/// </summary>
internal sealed unsafe class ForegroundSession : IDisposable
{
    private const int SetWindowSize = 0x5414;
    private const int GetWindowSize = 0x5413;
    private readonly SignalPipe _signals = new();
    private byte[] _buffer = [];

    /// <summary>
    /// Follows the process until it ends and its terminal is drained. As with runc, lines come out of the container's terminal with a line feed alone, as they do
    /// without one, and this process's own terminal, if that is where they go, adds the carriage return.
    /// </summary>
    /// <param name="process">The process.</param>
    /// <param name="master">The master of its terminal; null without one.</param>
    /// <param name="notify">Where the container says that it is ready; null for nobody to tell.</param>
    public ExitStatus Follow(SafePidFd process, SafeFileHandle? master, NotifySocket? notify = null)
    {
        using RawMode? raw = master is not null && Libc.isatty(0) == 1 ? Terminal.EnterRawMode(0, keepOutput: true) : null;
        if (master is not null)
        {
            _buffer = new byte[16 * 1024];
            CopyWindowSize(master);
        }

        Span<Libc.pollfd> watched = stackalloc Libc.pollfd[5];
        watched[0] = new Libc.pollfd { fd = _signals.Descriptor, events = Libc.POLLIN };
        watched[1] = new Libc.pollfd { fd = process.Descriptor, events = Libc.POLLIN };
        watched[2] = new Libc.pollfd { fd = master is null ? -1 : (int)master.DangerousGetHandle(), events = Libc.POLLIN };
        watched[3] = new Libc.pollfd { fd = master is null ? -1 : 0, events = Libc.POLLIN };
        watched[4] = new Libc.pollfd { fd = notify?.Descriptor ?? -1, events = Libc.POLLIN };
        ExitStatus? status = null;
        while (status is null || watched[2].fd >= 0)
        {
            // After the end only what the terminal still holds is of interest.
            if (!_signals.Poll(watched, wait: status is null))
            {
                break;
            }

            if (watched[0].revents != 0)
            {
                PassSignal(process, master);
            }

            // This process stays what the manager watches: it ends with the container.
            if (watched[4].fd >= 0 && watched[4].revents != 0 && notify!.PassOn(pid: 0))
            {
                watched[4].fd = -1;
            }

            if (watched[1].revents != 0 && status is null)
            {
                status = ChildReaper.Wait(process);
                watched[1].fd = -1;
            }

            Carry(watched);
        }

        return status!.Value;
    }

    /// <inheritdoc/>
    public void Dispose() => _signals.Dispose();

    private void Carry(Span<Libc.pollfd> watched)
    {
        if (watched[2].fd >= 0 && watched[2].revents != 0 && !Copy(watched[2].fd, 1))
        {
            watched[2].fd = watched[3].fd = -1;
        }

        if (watched[3].fd >= 0 && watched[3].revents != 0 && !Copy(0, watched[2].fd))
        {
            watched[3].fd = -1;
        }
    }

    private bool Copy(int from, int to)
    {
        fixed (byte* buffer = _buffer)
        {
            nint read = Libc.read(from, buffer, (nuint)_buffer.Length);
            nint sent = 0;
            while (sent < read)
            {
                nint written = Libc.write(to, buffer + sent, (nuint)(read - sent));
                if (written < 0)
                {
                    return false;
                }

                sent += written;
            }

            return read > 0; // 0 is the end, EIO a terminal without a process
        }
    }

    private void PassSignal(SafePidFd process, SafeFileHandle? master)
    {
        if (!_signals.TryRead(out int signal))
        {
            return;
        }

        if (signal == Libc.SIGWINCH && master is not null)
        {
            CopyWindowSize(master);
        }
        else if (signal != Libc.SIGWINCH)
        {
            process.TrySendSignal(signal);
        }
    }

    /// <summary>Gives a terminal the size of this process's own.</summary>
    /// <param name="master">Its master.</param>
    public static void CopyWindowSize(SafeFileHandle master)
    {
        ulong size = 0; // struct winsize: four 16-bit fields
        if (Libc.Syscall(Syscalls.Ioctl, 0, GetWindowSize, (nint)(&size)) == 0)
        {
            _ = Libc.Syscall(Syscalls.Ioctl, master.DangerousGetHandle(), SetWindowSize, (nint)(&size));
        }
    }
}
