using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

// sys/socket.h and linux/netlink.h
public static unsafe partial class Libc
{
    /// <summary>Netlink sockets.</summary>
    public const int AF_NETLINK = 16;

    /// <summary>A raw socket.</summary>
    public const int SOCK_RAW = 3;

    /// <summary>Routing netlink (rtnetlink(7)).</summary>
    public const int NETLINK_ROUTE = 0;

    /// <summary>Netlink protocol of the packet filter and its connection tracking.</summary>
    public const int NETLINK_NETFILTER = 12;

    /// <summary>A network namespace (sched.h).</summary>
    public const int CLONE_NEWNET = 0x40000000;

    /// <summary>setns(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int setns(int fd, int namespaceType);

    /// <summary>setsockopt(2) with an integer.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int setsockopt(int socket, int level, int option, int* value, uint length);
}
