using Tare.Linux.Interop;

namespace Tare.Linux.Terminals;

/// <summary>The terminal that a process was started from, reached by its standard descriptors (0, 1, 2).</summary>
public static unsafe class Terminal
{
    /// <summary>Whether the descriptor is a terminal (isatty(3)).</summary>
    public static bool IsTerminal(int descriptor)
    {
        Libc.TerminalAttributes attributes;

        // SAFETY: the struct is at least as large as glibc's and outlives the call.
        return Libc.tcgetattr(descriptor, &attributes) == 0;
    }

    /// <summary>The size of the window; 0 by 0 when the descriptor is no terminal.</summary>
    public static WindowSize SizeOf(int descriptor)
    {
        Libc.TerminalSize size = default;

        // SAFETY: TIOCGWINSZ writes one struct winsize (ioctl_tty(2)).
        return Libc.ioctl_winsize(descriptor, Libc.TIOCGWINSZ, &size) == 0 ? new WindowSize(size.ws_row, size.ws_col) : default;
    }

    /// <summary>Puts the terminal into raw mode: every byte passes unchanged, no key raises a signal.</summary>
    /// <param name="descriptor">The terminal.</param>
    /// <param name="keepOutput">Leaves the processing of output as it is: a line feed still gets its carriage return.</param>
    /// <returns>What restores the former mode when it is disposed; null when the descriptor is no terminal.</returns>
    public static RawMode? EnterRawMode(int descriptor, bool keepOutput = false)
    {
        Libc.TerminalAttributes attributes;

        // SAFETY: all three calls take one struct termios that lives on this stack.
        if (Libc.tcgetattr(descriptor, &attributes) != 0)
        {
            return null;
        }

        RawMode former = new(descriptor, attributes);
        uint output = attributes.c_oflag;
        Libc.cfmakeraw(&attributes);
        attributes.c_oflag = keepOutput ? output : attributes.c_oflag;
        _ = Libc.tcsetattr(descriptor, Libc.TCSANOW, &attributes);
        return former;
    }
}
