using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Tare.IntegrationTests.Runtime;

/// <summary>An agent as config-linux.md describes it: takes listeners over a unix socket and answers every notified call with one error.</summary>
internal sealed unsafe partial class SeccompAgent : IDisposable
{
    private const ulong Receive = 0xC0502100; // SECCOMP_IOCTL_NOTIF_RECV
    private const ulong Send = 0xC0182101; // SECCOMP_IOCTL_NOTIF_SEND
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public SeccompAgent(string path)
    {
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _socket.Listen();
    }

    /// <summary>Takes one listener and answers its calls on a thread until the last process with the filter has ended.</summary>
    /// <returns>The document that came with it.</returns>
    public string Serve(int errno)
    {
        using Socket connection = _socket.Accept();
        connection.ReceiveTimeout = 10_000;
        byte* control = stackalloc byte[24];
        byte[] text = new byte[65536];
        int descriptor;
        int length;
        fixed (byte* bytes = text)
        {
            Vector vector = new() { Base = bytes, Length = (nuint)text.Length };
            Header header = new() { Vector = &vector, VectorLength = 1, Control = control, ControlLength = 24 };
            length = (int)recvmsg((int)connection.Handle, &header, 0);
            descriptor = ((int*)control)[4];
        }

        Thread thread = new(() => Answer(descriptor, errno)) { IsBackground = true };
        thread.Start();
        return Encoding.UTF8.GetString(text, 0, length);
    }

    public void Dispose() => _socket.Dispose();

    private static void Answer(int descriptor, int errno)
    {
        byte* notification = stackalloc byte[80];
        byte* response = stackalloc byte[24];
        while (true)
        {
            new Span<byte>(notification, 80).Clear();
            if (ioctl(descriptor, Receive, notification) != 0)
            {
                break;
            }

            new Span<byte>(response, 24).Clear();
            *(ulong*)response = *(ulong*)notification;
            ((int*)response)[4] = -errno;
            _ = ioctl(descriptor, Send, response);
        }

        _ = close(descriptor);
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint recvmsg(int socket, Header* message, int flags);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ioctl(int descriptor, ulong request, void* argument);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int close(int descriptor);

    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public byte* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public void* Name;
        public nuint NameLength;
        public Vector* Vector;
        public nuint VectorLength;
        public byte* Control;
        public nuint ControlLength;
        public nuint Flags;
    }
}
