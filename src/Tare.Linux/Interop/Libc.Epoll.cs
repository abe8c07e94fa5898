using System.Runtime.InteropServices;

namespace Tare.Linux.Interop;

// sys/epoll.h, and the calls of sys/socket.h that a server on an event loop needs.
public static unsafe partial class Libc
{
    /// <summary>Readable.</summary>
    public const uint EPOLLIN = 1;

    /// <summary>Writable.</summary>
    public const uint EPOLLOUT = 4;

    /// <summary>An error is pending; always reported.</summary>
    public const uint EPOLLERR = 8;

    /// <summary>Both directions hung up; always reported.</summary>
    public const uint EPOLLHUP = 0x10;

    /// <summary>The other end sends no more.</summary>
    public const uint EPOLLRDHUP = 0x2000;

    /// <summary>epoll_ctl: watch a descriptor.</summary>
    public const int EPOLL_CTL_ADD = 1;

    /// <summary>epoll_ctl: watch it no more.</summary>
    public const int EPOLL_CTL_DEL = 2;

    /// <summary>epoll_ctl: watch it for other events.</summary>
    public const int EPOLL_CTL_MOD = 3;

    /// <summary>Do not block (socket(2), accept4(2)).</summary>
    public const int SOCK_NONBLOCK = 0x800;

    /// <summary>send: EPIPE without the signal.</summary>
    public const int MSG_NOSIGNAL = 0x4000;

    /// <summary>send, recv: this call alone does not block.</summary>
    public const int MSG_DONTWAIT = 0x40;

    /// <summary>shutdown: no more sending.</summary>
    public const int SHUT_WR = 1;

    /// <summary>Bytes of struct epoll_event: packed on x86-64 alone.</summary>
    public static int EpollEventSize => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    /// <summary>Offset of the data in struct epoll_event.</summary>
    public static int EpollDataOffset => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    /// <summary>epoll_create1(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_create1(int flags);

    /// <summary>epoll_ctl(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_ctl(int epoll, int operation, int fd, void* occurrence);

    /// <summary>epoll_wait(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_wait(int epoll, void* events, int count, int timeoutMilliseconds);

    /// <summary>accept4(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int accept4(int socket, void* address, void* length, int flags);

    /// <summary>send(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint send(int socket, void* buffer, nuint length, int flags);

    /// <summary>recv(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial nint recv(int socket, void* buffer, nuint length, int flags);

    /// <summary>shutdown(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int shutdown(int socket, int how);

    /// <summary>rename(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int rename(string from, string to);

    /// <summary>ftruncate(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int ftruncate(int fd, long length);

    /// <summary>lseek(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial long lseek(int fd, long offset, int whence);
}
