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
        byte* control = stackalloc byte[ControlSize];
        byte data;
        Libc.iovec vector = new() { iov_base = &data, iov_len = 1 };
        Libc.msghdr message = new() { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = ControlSize };
        nint got = Libc.recvmsg((int)socket.DangerousGetHandle(), &message, Libc.MSG_CMSG_CLOEXEC);
        GC.KeepAlive(socket);
        if (got < 0)
        {
            throw LinuxException.Last("recvmsg");
        }

        bool carries = message.msg_controllen >= HeaderSize + sizeof(int) && ((int*)control)[2] == Libc.SOL_SOCKET && ((int*)control)[3] == Libc.SCM_RIGHTS;
        return carries ? new SafeFileHandle(((int*)control)[4], ownsHandle: true) : null;
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
