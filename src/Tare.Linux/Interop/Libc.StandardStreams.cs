using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

/// <summary>The calls behind <see cref="Terminals.StandardStream"/>: on bare descriptors, for 0, 1 and 2 belong to no handle.</summary>
public static unsafe partial class Libc
{
    /// <summary>read(2).</summary>
    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    internal static partial nint standard_read(int fd, byte* buffer, nuint count);

    /// <summary>write(2).</summary>
    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint standard_write(int fd, byte* buffer, nuint count);

    /// <summary>poll(2).</summary>
    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static partial int standard_poll(standard_pollfd* fds, nuint count, int timeoutMilliseconds);

    /// <summary>struct pollfd (bits/poll.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct standard_pollfd
    {
        internal int fd;
        internal short events;
        internal short revents;
    }
}
