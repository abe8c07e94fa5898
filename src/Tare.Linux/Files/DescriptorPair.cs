using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Files;

/// <summary>Two connected descriptors, close-on-exec: a pipe or a pair of unix sockets. Disposing closes what is still open.</summary>
/// <param name="first">The reading end of a pipe; one end of a socket pair.</param>
/// <param name="second">The writing end of a pipe; the other end of a socket pair.</param>
public sealed class DescriptorPair(SafeFileHandle first, SafeFileHandle second) : IDisposable
{
    /// <summary>The reading end of a pipe; one end of a socket pair.</summary>
    public SafeFileHandle First { get; } = first;

    /// <summary>The writing end of a pipe; the other end of a socket pair.</summary>
    public SafeFileHandle Second { get; } = second;

    /// <summary>A pipe (pipe2(2)).</summary>
    /// <exception cref="LinuxException">EMFILE, ENFILE.</exception>
    public static unsafe DescriptorPair Pipe()
    {
        int* fds = stackalloc int[2];
        return Libc.pipe2(fds, Libc.O_CLOEXEC) == 0 ? Own(fds) : throw LinuxException.Last("pipe2");
    }

    /// <summary>A pair of connected stream sockets (socketpair(2)).</summary>
    /// <exception cref="LinuxException">EMFILE, ENFILE.</exception>
    public static unsafe DescriptorPair Sockets()
    {
        int* fds = stackalloc int[2];
        return Libc.socketpair(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0, fds) == 0 ? Own(fds) : throw LinuxException.Last("socketpair");
    }

    /// <summary>A pair of connected sockets that keep the bounds of messages (socketpair(2), SOCK_SEQPACKET).</summary>
    /// <exception cref="LinuxException">EMFILE, ENFILE.</exception>
    public static unsafe DescriptorPair PacketSockets()
    {
        int* fds = stackalloc int[2];
        return Libc.socketpair(Libc.AF_UNIX, Libc.SOCK_SEQPACKET | Libc.SOCK_CLOEXEC, 0, fds) == 0 ? Own(fds) : throw LinuxException.Last("socketpair");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
    }

    private static unsafe DescriptorPair Own(int* fds) => new(new SafeFileHandle(fds[0], ownsHandle: true), new SafeFileHandle(fds[1], ownsHandle: true));
}
