using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Interop;

namespace Tare.Runtime.Shim.Loop;

/// <summary>Reading and writing without blocking.</summary>
internal static unsafe class Descriptors
{
    /// <summary>Result of a call that would block.</summary>
    public const int WouldBlock = -1;

    /// <summary>Result of a call on a descriptor whose other end is gone, or that failed otherwise.</summary>
    public const int Gone = -2;

    /// <summary>The number of a handle, for as long as the handle is open.</summary>
    public static int Number(SafeHandle handle) => (int)handle.DangerousGetHandle();

    /// <summary>Makes reads and writes return at once.</summary>
    public static void SetNonBlocking(SafeFileHandle handle)
    {
        int flags = Libc.fcntl(Number(handle), Libc.F_GETFL, 0);
        if (flags < 0 || Libc.fcntl(Number(handle), Libc.F_SETFL, flags | Libc.O_NONBLOCK) < 0)
        {
            throw LinuxException.Last("fcntl");
        }
    }

    /// <summary>Opens /dev/null for reading and writing.</summary>
    public static SafeFileHandle OpenNull()
    {
        int fd = Libc.open("/dev/null", Libc.O_RDWR | Libc.O_CLOEXEC, 0);
        return fd < 0 ? throw LinuxException.Last("open", "/dev/null") : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>Reads: a count, 0 at the end, <see cref="WouldBlock"/> or <see cref="Gone"/> (a terminal without a process answers EIO).</summary>
    public static int Read(int fd, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint count;
            while ((count = Libc.read(fd, start, (nuint)buffer.Length)) < 0 && LastErrno() == Errno.EINTR)
            {
            }

            return count >= 0 ? (int)count : Failure();
        }
    }

    /// <summary>Writes: a count, <see cref="WouldBlock"/> or <see cref="Gone"/>.</summary>
    public static int Write(int fd, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            nint count;
            while ((count = Libc.write(fd, start, (nuint)bytes.Length)) < 0 && LastErrno() == Errno.EINTR)
            {
            }

            return count >= 0 ? (int)count : Failure();
        }
    }

    /// <summary>Sends on a socket: a count, <see cref="WouldBlock"/> or <see cref="Gone"/>.</summary>
    public static int Send(int fd, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            nint count;
            while ((count = Libc.send(fd, start, (nuint)bytes.Length, Libc.MSG_NOSIGNAL | Libc.MSG_DONTWAIT)) < 0 && LastErrno() == Errno.EINTR)
            {
            }

            return count >= 0 ? (int)count : Failure();
        }
    }

    private static Errno LastErrno() => (Errno)Marshal.GetLastPInvokeError();

    private static int Failure() => LastErrno() == Errno.EAGAIN ? WouldBlock : Gone;
}
