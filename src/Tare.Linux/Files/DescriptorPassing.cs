using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;

namespace Tare.Linux.Files;

/// <summary>Descriptors over unix sockets (unix(7), SCM_RIGHTS).</summary>
public static unsafe class DescriptorPassing
{
    private const int HeaderSize = 16;
    private const int ControlSize = 24;

    /// <summary>Sends a descriptor with a text beside it (at least one byte is sent).</summary>
    /// <exception cref="LinuxException">The other end is gone.</exception>
    public static void Send(SafeFileHandle socket, SafeFileHandle descriptor, string text)
    {
        byte[] data = System.Text.Encoding.UTF8.GetBytes(text.Length == 0 ? "\0" : text);
        byte* control = stackalloc byte[ControlSize];
        *(nuint*)control = HeaderSize + sizeof(int);
        ((int*)control)[2] = Libc.SOL_SOCKET;
        ((int*)control)[3] = Libc.SCM_RIGHTS;
        ((int*)control)[4] = (int)descriptor.DangerousGetHandle();
        fixed (byte* bytes = data)
        {
            Libc.iovec vector = new() { iov_base = bytes, iov_len = (nuint)data.Length };
            Libc.msghdr message = new() { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = ControlSize };
            if (Libc.sendmsg((int)socket.DangerousGetHandle(), &message, 0) < 0)
            {
                throw LinuxException.Last("sendmsg");
            }
        }

        GC.KeepAlive(descriptor);
        GC.KeepAlive(socket);
    }

    /// <summary>Receives a descriptor; null when the other end closed without sending one.</summary>
    /// <exception cref="LinuxException">The call failed.</exception>
    public static SafeFileHandle? Receive(SafeFileHandle socket)
    {
        Span<byte> text = stackalloc byte[1];
        _ = Receive(socket, text, out SafeFileHandle? descriptor);
        return descriptor;
    }

    /// <summary>Receives a message and the descriptor beside it, if there is one.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">Gets the message.</param>
    /// <param name="descriptor">The descriptor, the caller's from here on; null without one.</param>
    /// <returns>The message's length; 0 when the other end closed.</returns>
    /// <exception cref="LinuxException">The call failed; EMSGSIZE: the message is longer than the buffer.</exception>
    public static int Receive(SafeFileHandle socket, Span<byte> buffer, out SafeFileHandle? descriptor)
    {
        const int Truncated = 0x20; // MSG_TRUNC, which a stream never has
        byte* control = stackalloc byte[ControlSize];
        nint got;
        fixed (byte* bytes = buffer)
        {
            Libc.iovec vector = new() { iov_base = bytes, iov_len = (nuint)buffer.Length };
            Libc.msghdr message = new() { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = ControlSize };
            got = Libc.recvmsg((int)socket.DangerousGetHandle(), &message, Libc.MSG_CMSG_CLOEXEC);
            GC.KeepAlive(socket);
            bool carries = got >= 0 && message.msg_controllen >= HeaderSize + sizeof(int) && ((int*)control)[2] == Libc.SOL_SOCKET && ((int*)control)[3] == Libc.SCM_RIGHTS;
            descriptor = carries ? new SafeFileHandle(((int*)control)[4], ownsHandle: true) : null;
            if (got >= 0 && (message.msg_flags & Truncated) != 0)
            {
                descriptor?.Dispose();
                throw new LinuxException(Errno.EMSGSIZE, "recvmsg");
            }
        }

        return got < 0 ? throw LinuxException.Last("recvmsg") : (int)got;
    }

    /// <summary>Connects to a listening unix socket.</summary>
    /// <exception cref="LinuxException">Nobody listens there.</exception>
    public static SafeFileHandle Connect(string path)
    {
        const int PathOffset = 2;
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(path);
        if (bytes.Length > 107)
        {
            throw new LinuxException(Errno.ENAMETOOLONG, "connect", path);
        }

        byte* address = stackalloc byte[110];
        new Span<byte>(address, 110).Clear();
        *(ushort*)address = Libc.AF_UNIX;
        bytes.CopyTo(new Span<byte>(address + PathOffset, bytes.Length));
        int fd = Libc.socket(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0);
        if (fd < 0)
        {
            throw LinuxException.Last("socket");
        }

        SafeFileHandle socket = new(fd, ownsHandle: true);
        if (Libc.connect(fd, address, (uint)(PathOffset + bytes.Length + 1)) != 0)
        {
            LinuxException failure = LinuxException.Last("connect", path);
            socket.Dispose();
            throw failure;
        }

        return socket;
    }
}
