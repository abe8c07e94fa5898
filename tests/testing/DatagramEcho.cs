using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Tare.Testing;

/// <summary>A server of this process in a container's network namespace that sends every datagram back: Debian's busybox has none.</summary>
public sealed partial class DatagramEcho : IDisposable
{
    private const int CLONE_NEWNET = 0x40000000;
    private readonly Socket _socket;

    /// <summary>Begins to serve.</summary>
    /// <param name="pid">A process of the container.</param>
    /// <param name="port">Where to listen.</param>
    public DatagramEcho(int pid, int port)
    {
        Socket? socket = null;
        // The namespace is the thread's alone, and ends with it; the socket stays in it.
        Thread inside = new(() =>
        {
            using SafeFileHandle space = File.OpenHandle($"/proc/{pid}/ns/net");
            if (setns(space, CLONE_NEWNET) == 0)
            {
                socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                socket.Bind(new IPEndPoint(IPAddress.Any, port));
            }
        });
        inside.Start();
        inside.Join();
        _socket = socket ?? throw new InvalidOperationException($"the network namespace of process {pid} cannot be entered");
        _ = ServeAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private async Task ServeAsync()
    {
        byte[] buffer = new byte[65535];
        try
        {
            while (true)
            {
                SocketReceiveFromResult received = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                await _socket.SendToAsync(buffer.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int setns(SafeFileHandle space, int type);
}
