using System.Net;
using System.Net.Sockets;
using System.Text;
using Tare.Network.Ports;

namespace Tare.UnitTests.Network;

public sealed class RelayTests
{
    [Fact]
    public async Task ConnectionsAreCarriedWithTheirHalfEnds()
    {
        using Socket server = Listen();
        Socket listener = Listen();
        using TcpRelay relay = new(listener, (IPEndPoint)server.LocalEndPoint!);
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        using Socket inside = await server.AcceptAsync(TestContext.Current.CancellationToken);

        await client.SendAsync("question"u8.ToArray(), TestContext.Current.CancellationToken);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("question", await ReadAllAsync(inside));
        await inside.SendAsync("answer"u8.ToArray(), TestContext.Current.CancellationToken);
        inside.Shutdown(SocketShutdown.Send);
        Assert.Equal("answer", await ReadAllAsync(client));
    }

    [Fact]
    public async Task WithdrawingEndsTheConnections()
    {
        using Socket server = Listen();
        Socket listener = Listen();
        TcpRelay relay = new(listener, (IPEndPoint)server.LocalEndPoint!);
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        using Socket inside = await server.AcceptAsync(TestContext.Current.CancellationToken);
        relay.Dispose();
        await Assert.ThrowsAsync<SocketException>(() => client.ReceiveAsync(new byte[1]));
    }

    [Fact]
    public async Task AConnectionThatNobodyTakesIsReset()
    {
        using Socket server = Listen();
        IPEndPoint closed = (IPEndPoint)server.LocalEndPoint!;
        server.Dispose();
        Socket listener = Listen();
        EndPoint address = listener.LocalEndPoint!;
        using TcpRelay relay = new(listener, closed);
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            await client.ConnectAsync(address, TestContext.Current.CancellationToken);
            await client.ReceiveAsync(new byte[1]);
        });
    }

    [Fact]
    public async Task DatagramsOfEachClientFindTheirWayBack()
    {
        using Socket server = Datagrams();
        Socket outside = Datagrams();
        using UdpRelay relay = new(outside, (IPEndPoint)server.LocalEndPoint!);
        using Socket first = Datagrams();
        using Socket second = Datagrams();
        await first.SendToAsync("first"u8.ToArray(), outside.LocalEndPoint!);
        await second.SendToAsync("second"u8.ToArray(), outside.LocalEndPoint!);
        for (int i = 0; i < 2; i++)
        {
            byte[] buffer = new byte[100];
            SocketReceiveFromResult received = await server.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
            await server.SendToAsync(Encoding.ASCII.GetBytes("to " + Encoding.ASCII.GetString(buffer, 0, received.ReceivedBytes)), received.RemoteEndPoint);
        }

        Assert.Equal("to first", await ReceiveAsync(first));
        Assert.Equal("to second", await ReceiveAsync(second));
    }

    private static Socket Listen()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    private static Socket Datagrams()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static async Task<string> ReadAllAsync(Socket socket)
    {
        StringBuilder text = new();
        byte[] buffer = new byte[100];
        int count;
        while ((count = await socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(10))) > 0)
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return text.ToString();
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        byte[] buffer = new byte[100];
        int count = await socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(10));
        return Encoding.ASCII.GetString(buffer, 0, count);
    }
}
