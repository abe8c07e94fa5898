using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Tare.Network.Ports;

/// <summary>
/// Carries datagrams to an IPv6 address of the host over to a container's IPv4 address, and the answers back. Each client has a socket of its own towards the container, which
/// is forgotten when nothing went either way for 90 seconds.
/// </summary>
internal sealed class UdpRelay : IDisposable
{
    private const int LargestDatagram = 65535;

    /// <summary>Clients at a time; datagrams of further ones are dropped, as a full socket buffer drops them.</summary>
    private const int MostClients = 4096;
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(90);
    private readonly ConcurrentDictionary<EndPoint, Client> _clients = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Socket _socket;
    private readonly IPEndPoint _container;

    /// <summary>Begins to relay.</summary>
    /// <param name="socket">A bound socket; owned from now on.</param>
    /// <param name="container">Where datagrams go.</param>
    public UdpRelay(Socket socket, IPEndPoint container)
    {
        _socket = socket;
        _container = container;
        _ = ReceiveAsync();
    }

    public void Dispose()
    {
        _end.Cancel();
        _socket.Dispose();
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(LargestDatagram);
        IPEndPoint anyone = new(_socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        try
        {
            while (true)
            {
                try
                {
                    SocketReceiveFromResult received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, anyone, _end.Token);
                    if (Find(received.RemoteEndPoint) is { } client)
                    {
                        client.Touch();
                        await client.Socket.SendAsync(buffer.AsMemory(0, received.ReceivedBytes), _end.Token);
                    }
                }
                catch (Exception e) when (!_end.IsCancellationRequested && e is SocketException or ObjectDisposedException)
                {
                    // An ICMP answer to an earlier datagram, or a client that was just forgotten: datagrams may be lost, and the next one fares better.
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The port is published no more.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Client? Find(EndPoint address)
    {
        if (_clients.TryGetValue(address, out Client? known) || _clients.Count >= MostClients)
        {
            return known;
        }

        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(_container);
        Client client = new(socket, CancellationTokenSource.CreateLinkedTokenSource(_end.Token));
        _clients[address] = client;
        _ = AnswerAsync(address, client);
        return client;
    }

    private async Task AnswerAsync(EndPoint address, Client client)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(LargestDatagram);
        try
        {
            while (true)
            {
                int count = await client.Socket.ReceiveAsync(buffer, SocketFlags.None, client.Idle.Token);
                client.Touch();
                await _socket.SendToAsync(buffer.AsMemory(0, count), SocketFlags.None, address, client.Idle.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Idle, withdrawn, or refused by the container: the client's next datagram begins anew.
        }
        finally
        {
            _clients.TryRemove(address, out _);
            client.Socket.Dispose();
            client.Idle.Dispose();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private sealed record Client(Socket Socket, CancellationTokenSource Idle)
    {
        public void Touch() => Idle.CancelAfter(s_idle);
    }
}
