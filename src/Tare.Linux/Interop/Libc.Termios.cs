using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

/// <summary>termios.h and the terminal calls of sys/ioctl.h.</summary>
public static unsafe partial class Libc
{
    /// <summary>tcsetattr: change at once (bits/termios.h).</summary>
    internal const int TCSANOW = 0;

    /// <summary>ioctl: get the window size (asm-generic/ioctls.h).</summary>
    internal const nuint TIOCGWINSZ = 0x5413;

    /// <summary>termios(3): gets the attributes of a terminal.</summary>
    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    internal static partial int tcgetattr(int fd, TerminalAttributes* attributes);

    /// <summary>termios(3): sets the attributes of a terminal.</summary>
    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    internal static partial int tcsetattr(int fd, int actions, TerminalAttributes* attributes);

    /// <summary>termios(3): changes the attributes to raw mode.</summary>
    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    internal static partial void cfmakeraw(TerminalAttributes* attributes);

    /// <summary>ioctl_tty(2), TIOCGWINSZ.</summary>
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int ioctl_winsize(int fd, nuint request, TerminalSize* size);

    /// <summary>struct termios of glibc (bits/termios-struct.h), 60 bytes on x86-64 and arm64.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TerminalAttributes
    {
        internal uint c_iflag;
        internal uint c_oflag;
        internal uint c_cflag;
        internal uint c_lflag;
        internal byte c_line;
        internal fixed byte c_cc[32];
        internal uint c_ispeed;
        internal uint c_ospeed;
    }

    /// <summary>struct winsize (asm-generic/termios.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TerminalSize
    {
        internal ushort ws_row;
        internal ushort ws_col;
        internal ushort ws_xpixel;
        internal ushort ws_ypixel;
    }
}
