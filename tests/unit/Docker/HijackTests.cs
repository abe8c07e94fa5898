using System.Net.Sockets;
using System.Text;
using Tare.Engine.Containers;

namespace Tare.UnitTests.Docker;

public sealed class HijackTests : IAsyncLifetime
{
    private HijackServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await HijackServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task UpgradesARequestThatCarriesABody()
    {
        using Socket container = _server.ConnectContainer();
        using Socket client = _server.Connect("POST /exec HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n{}");
        string head = await HijackServer.ReadHeadAsync(client);
        Assert.StartsWith("HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n", head, StringComparison.Ordinal);

        await container.SendAsync("out"u8.ToArray(), Cancellation);
        Assert.Equal("out", await HijackServer.ReadAsync(client, 3));
        await client.SendAsync("in"u8.ToArray(), Cancellation);
        Assert.Equal("in", await HijackServer.ReadAsync(container, 2));
        container.Shutdown(SocketShutdown.Both);
        Assert.Equal("", await HijackServer.ReadToEndAsync(client));
    }

    [Fact]
    public async Task AnswersOkToAClientThatDoesNotAskForAnUpgrade()
    {
        using Socket container = _server.ConnectContainer();
        using Socket client = _server.Connect("POST /attach HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n", await HijackServer.ReadHeadAsync(client), StringComparison.Ordinal);
        container.Shutdown(SocketShutdown.Both);
        Assert.Equal("", await HijackServer.ReadToEndAsync(client));
    }

    [Fact]
    public async Task InputThatFollowsTheRequestAtOnceIsNotLost()
    {
        using Socket container = _server.ConnectContainer();
        using Socket client = _server.Connect("POST /exec HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n{}early");
        Assert.Equal("early", await HijackServer.ReadAsync(container, 5));
    }

    [Fact]
    public async Task OutputGoesOnAfterTheEndOfInput()
    {
        using Socket container = _server.ConnectContainer();
        using Socket client = _server.ConnectUpgraded();
        await HijackServer.ReadHeadAsync(client);
        await client.SendAsync("all of it"u8.ToArray(), Cancellation);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("all of it", await HijackServer.ReadToEndAsync(container));

        byte[] output = new byte[3_000_000];
        Random.Shared.NextBytes(output);
        Task send = SendAndCloseAsync(container, output);
        Assert.Equal(output, await HijackServer.ReadBytesToEndAsync(client));
        await send;
    }

    [Fact]
    public async Task AClientThatClosesEndsTheAttachment()
    {
        using Socket container = _server.ConnectContainer();
        Socket client = _server.ConnectUpgraded();
        await HijackServer.ReadHeadAsync(client);
        client.Dispose();
        Assert.Equal("", await HijackServer.ReadToEndAsync(container));
        await _server.Ended.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
    }

    [Fact]
    public async Task AClientThatClosesAfterTheEndOfItsInputEndsTheAttachment()
    {
        using Socket container = _server.ConnectContainer();
        Socket client = _server.ConnectUpgraded();
        await HijackServer.ReadHeadAsync(client);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("", await HijackServer.ReadToEndAsync(container));
        Assert.False(_server.Ended.IsCompleted);
        client.Dispose();
        for (int i = 0; i < 200 && !_server.Ended.IsCompleted; i++)
        {
            _server.Time.Advance(TimeSpan.FromSeconds(3));
            await Task.WhenAny(_server.Ended, Task.Delay(25, Cancellation));
        }

        Assert.True(_server.Ended.IsCompleted);
    }

    [Fact]
    public async Task DetachKeysEndATerminal()
    {
        _server.IsTty = true;
        using Socket container = _server.ConnectContainer();
        using Socket client = _server.ConnectUpgraded();
        Assert.Contains("raw-stream", await HijackServer.ReadHeadAsync(client), StringComparison.Ordinal);
        await client.SendAsync(new byte[] { (byte)'a', 16, (byte)'b', 16 }, Cancellation);
        Assert.Equal("a\u0010b", await HijackServer.ReadAsync(container, 3));
        await client.SendAsync(new byte[] { 17 }, Cancellation);
        Assert.Equal("", await HijackServer.ReadToEndAsync(client));
        Assert.Equal("", await HijackServer.ReadToEndAsync(container));
    }

    [Fact]
    public async Task InputAndItsEndWaitForTheStart()
    {
        TaskCompletionSource<Attachment?> start = _server.StartLater();
        using Socket client = _server.ConnectUpgraded();
        await HijackServer.ReadHeadAsync(client);
        await client.SendAsync("typed"u8.ToArray(), Cancellation);
        client.Shutdown(SocketShutdown.Send);
        await Task.Delay(50, Cancellation);
        Assert.False(_server.Ended.IsCompleted);
        using Socket container = _server.Start(start);
        Assert.Equal("typed", await HijackServer.ReadToEndAsync(container));
        await SendAndCloseAsync(container, "done"u8.ToArray());
        Assert.Equal("done", Encoding.ASCII.GetString(await HijackServer.ReadBytesToEndAsync(client)));
    }

    [Fact]
    public async Task AClientThatGoesBeforeTheStartCancelsIt()
    {
        TaskCompletionSource<Attachment?> start = _server.StartLater();
        Socket client = _server.ConnectUpgraded();
        await HijackServer.ReadHeadAsync(client);
        client.Dispose();
        await _server.Ended.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        Assert.True(start.Task.IsCanceled);
    }

    [Fact]
    public async Task AContainerThatNeverStartedEndsTheStream()
    {
        TaskCompletionSource<Attachment?> start = _server.StartLater();
        using Socket client = _server.ConnectUpgraded();
        await HijackServer.ReadHeadAsync(client);
        start.SetResult(null);
        Assert.Equal("", await HijackServer.ReadToEndAsync(client));
    }

    [Fact]
    public async Task ARequestWithoutHijackIsServedOnTheSameListener()
    {
        using Socket client = _server.Connect("GET /plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.Contains("\r\nplain\r\n", await HijackServer.ReadToEndAsync(client), StringComparison.Ordinal);
    }

    private static async Task SendAndCloseAsync(Socket socket, byte[] bytes)
    {
        for (int sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent), Cancellation);
        }

        socket.Shutdown(SocketShutdown.Both);
    }
}
