using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

// sys/socket.h: descriptors over unix sockets
public static unsafe partial class Libc
{
    /// <summary>Internet sockets, version 4.</summary>
    public const int AF_INET = 2;

    /// <summary>A datagram socket.</summary>
    public const int SOCK_DGRAM = 2;

    /// <summary>Unix sockets.</summary>
    public const int AF_UNIX = 1;

    /// <summary>A stream.</summary>
    public const int SOCK_STREAM = 1;

    /// <summary>Messages in their order, over a connection.</summary>
    public const int SOCK_SEQPACKET = 5;

    /// <summary>Close at execve.</summary>
    public const int SOCK_CLOEXEC = 0x80000;

    /// <summary>recvmsg: received descriptors are close-on-exec.</summary>
    public const int MSG_CMSG_CLOEXEC = 0x40000000;

    /// <summary>Level of SCM_RIGHTS.</summary>
    public const int SOL_SOCKET = 1;

    /// <summary>Control message with descriptors.</summary>
    public const int SCM_RIGHTS = 1;

    /// <summary>struct msghdr of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct msghdr
    {
        /// <summary>Address.</summary>
        public void* msg_name;

        /// <summary>Its length.</summary>
        public nuint msg_namelen;

        /// <summary>Buffers.</summary>
        public iovec* msg_iov;

        /// <summary>How many.</summary>
        public nuint msg_iovlen;

        /// <summary>Control messages.</summary>
        public void* msg_control;

        /// <summary>Their length in bytes.</summary>
        public nuint msg_controllen;

        /// <summary>Flags of a received message.</summary>
        public nuint msg_flags;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct iovec
    {
        /// <summary>Start.</summary>
        public void* iov_base;

        /// <summary>Length.</summary>
        public nuint iov_len;
    }

    /// <summary>socketpair(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int socketpair(int domain, int type, int protocol, int* fds);

    /// <summary>sendmsg(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint sendmsg(int socket, msghdr* message, int flags);

    /// <summary>recvmsg(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint recvmsg(int socket, msghdr* message, int flags);

    /// <summary>connect(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int connect(int socket, void* address, uint length);

    /// <summary>bind(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int bind(int socket, void* address, uint length);

    /// <summary>socket(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);
}
