using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Tare.Network.Ports;

/// <summary>
/// Carries TCP connections to an IPv6 address of the host over to a container's IPv4 address. The container sees the bridge's gateway as the client. Disposing ends all of
/// its connections.
/// </summary>
internal sealed class TcpRelay : IDisposable
{
    /// <summary>Connections that may wait to be accepted, as Go's listeners allow by default (net.core.somaxconn).</summary>
    public const int Backlog = 4096;

    private const int BufferBytes = 64 << 10;

    /// <summary>The wait before accepting again when the process has no descriptor left.</summary>
    private static readonly TimeSpan s_accept = TimeSpan.FromMilliseconds(100);
    private readonly CancellationTokenSource _end = new();
    private readonly Socket _listener;
    private readonly IPEndPoint _container;

    /// <summary>Begins to relay.</summary>
    /// <param name="listener">A listening socket; owned from now on.</param>
    /// <param name="container">Where connections go.</param>
    public TcpRelay(Socket listener, IPEndPoint container)
    {
        _listener = listener;
        _container = container;
        _ = AcceptAsync();
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptAsync(_end.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The connection was reset while it waited, or descriptors ran out: later ones may fare better.
                await Task.Delay(s_accept);
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        using (Socket container = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        using (CancellationTokenSource broken = CancellationTokenSource.CreateLinkedTokenSource(_end.Token))
        {
            try
            {
                client.NoDelay = container.NoDelay = true;
                await container.ConnectAsync(_container, broken.Token);
                await Task.WhenAll(PumpAsync(client, container, broken), PumpAsync(container, client, broken));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // A side has gone, or nobody listens in the container: closing the other side is all that can be told.
                client.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        }
    }

    /// <summary>Carries one direction until its end, and passes the end on: the other direction may go on.</summary>
    private static async Task PumpAsync(Socket from, Socket to, CancellationTokenSource broken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer, broken.Token)) > 0)
            {
                for (int sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), broken.Token);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The other direction waits on these sockets: it must end too.
            await broken.CancelAsync();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
