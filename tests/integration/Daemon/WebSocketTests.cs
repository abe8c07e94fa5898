using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace Tare.IntegrationTests.Daemon;

/// <summary>Attaching over a WebSocket, as clients in a browser do.</summary>
public sealed class WebSocketTests(DaemonFixture daemon) : IClassFixture<DaemonFixture>
{
    [Fact]
    public async Task OutputComesWithoutFrames()
    {
        daemon.Tare(["create", "-i", "--name", "ws", "busybox", "sh", "-c", "while read line; do echo out $line; echo err $line >&2; done"]).Ok();
        using ClientWebSocket socket = await ConnectAsync("v1.51/containers/ws/attach/ws?stream=1&stdin=1&stdout=1&stderr=1");
        daemon.Tare("start ws").Ok();
        await socket.SendAsync("hello\n"u8.ToArray(), WebSocketMessageType.Binary, endOfMessage: true, TestContext.Current.CancellationToken);
        (string text, WebSocketMessageType type) = await ReadAsync(socket, "out hello\n".Length + "err hello\n".Length);
        Assert.Equal(WebSocketMessageType.Binary, type);
        Assert.Equal(["err hello", "out hello"], text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
        daemon.Tare("kill ws").Ok();
        WebSocketReceiveResult end = await socket.ReceiveAsync(new byte[100], TestContext.Current.CancellationToken);
        Assert.Equal(WebSocketMessageType.Close, end.MessageType);
        daemon.Tare("rm ws").Ok();
    }

    [Fact]
    public async Task LogsOfATerminalAreReplayedAsText()
    {
        daemon.Tare(["run", "-d", "-t", "--name", "wst", "busybox", "sh", "-c", "echo early; sleep 100"]).Ok();
        Eventually.True(() => daemon.Tare("logs wst").Text == "early", "no log");
        using ClientWebSocket socket = await ConnectAsync("v1.27/containers/wst/attach/ws?logs=1");
        (string text, WebSocketMessageType type) = await ReadAsync(socket, "early\r\n".Length);
        Assert.Equal(("early\r\n", WebSocketMessageType.Text), (text, type));
        daemon.Tare("rm -f wst").Ok();
    }

    [Fact]
    public void ARequestWithoutAHandshakeIsRefused()
    {
        daemon.Tare("create --name wsn busybox true").Ok();
        CommandResult answer = Command.Run("/usr/bin/curl", ["-s", "-w", "%{http_code}", "--unix-socket", daemon.Socket, "http://d/containers/wsn/attach/ws?stream=1"]);
        Assert.EndsWith("400", answer.Text, StringComparison.Ordinal);
        Assert.Contains("WebSocket", answer.Text, StringComparison.Ordinal);
        daemon.Tare("rm wsn").Ok();
    }

    [Fact]
    public async Task AClientThatVanishesLeavesTheContainerAlone()
    {
        daemon.Tare("run -d -i --name wsv busybox cat").Ok();
        using (ClientWebSocket socket = await ConnectAsync("containers/wsv/attach/ws?stream=1&stdin=1&stdout=1"))
        {
            await socket.SendAsync("x\n"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
            await ReadAsync(socket, 2);
            socket.Abort();
        }

        Assert.Equal("running", daemon.Tare(["inspect", "-f", "{{.State.Status}}", "wsv"]).Ok().Text);
        daemon.Tare("rm -f wsv").Ok();
    }

    private async Task<ClientWebSocket> ConnectAsync(string path)
    {
        ClientWebSocket socket = new();
        using SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                Socket connection = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(daemon.Socket), cancellationToken);
                return new NetworkStream(connection, ownsSocket: true);
            },
        };
        using HttpMessageInvoker invoker = new(handler);
        await socket.ConnectAsync(new Uri("ws://d/" + path), invoker, TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task<(string Text, WebSocketMessageType Type)> ReadAsync(ClientWebSocket socket, int count)
    {
        byte[] bytes = new byte[count];
        int read = 0;
        WebSocketMessageType type = WebSocketMessageType.Close;
        while (read < count)
        {
            WebSocketReceiveResult result = await socket.ReceiveAsync(new ArraySegment<byte>(bytes, read, count - read), TestContext.Current.CancellationToken);
            Assert.NotEqual(WebSocketMessageType.Close, result.MessageType);
            (read, type) = (read + result.Count, result.MessageType);
        }

        return (Encoding.UTF8.GetString(bytes), type);
    }
}
