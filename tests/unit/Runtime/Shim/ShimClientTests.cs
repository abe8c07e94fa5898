using System.Net.Sockets;
using System.Text;
using Tare.Oci.Runtime;
using Tare.Runtime.Shim.Client;
using Tare.Runtime.Shim.Protocol;

namespace Tare.UnitTests.Runtime.Shim;

/// <summary>The client against a scripted peer on a real socket.</summary>
public sealed class ShimClientTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tare-shim-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public ShimClientTests()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen(8);
    }

    private string SocketPath => Path.Combine(_folder, "shim.sock");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _listener.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task RequestsAreLinesOfJson()
    {
        using ShimClient client = await ShimClient.ConnectAsync(SocketPath, Token);
        using Peer peer = new(await _listener.AcceptAsync(Token));
        Task<int> create = client.CreateAsync(new ShimCreateOptions { StateRoot = "/run/x", OpenStdin = true, Log = new ShimLog { Path = "/l" }, Init = true }, Token);
        Assert.Equal(
            """{"op":"create","stateRoot":"/run/x","log":{"path":"/l","maxSizeBytes":10485760,"maxFiles":5,"compact":false},"openStdin":true,"stdinOnce":false,"oomWatch":true,"init":true,"stdin":false,"stdout":false,"stderr":false,"detach":false,"rows":0,"cols":0,"signal":0,"all":false}""",
            await peer.ReadLineAsync());
        peer.Send("""{"ok":true,"pid":42}""" + "\n");
        Assert.Equal(42, await create);
    }

    [Fact]
    public async Task FailuresCarryTheirKind()
    {
        using ShimClient client = await ShimClient.ConnectAsync(SocketPath, Token);
        using Peer peer = new(await _listener.AcceptAsync(Token));
        Task start = client.StartAsync(Token);
        _ = await peer.ReadLineAsync();
        peer.Send("""{"ok":false,"kind":"exec-denied","message":"no"}""" + "\n");
        Assert.Equal(ShimErrorKind.ExecDenied, (await Assert.ThrowsAsync<ShimException>(() => start)).Kind);
    }

    [Fact]
    public async Task BytesBehindAReplyBelongToTheStream()
    {
        using ShimClient client = await ShimClient.ConnectAsync(SocketPath, Token);
        using Peer control = new(await _listener.AcceptAsync(Token));
        Task<ShimExecResult> exec = client.ExecAsync(new ShimExecOptions { ExecId = "e", Process = new ProcessSpec { Args = ["/bin/true"] }, Stdout = true }, Token);
        using Peer peer = new(await _listener.AcceptAsync(Token));
        Assert.Contains("\"process\":{", await peer.ReadLineAsync(), StringComparison.Ordinal);
        peer.Send("""{"ok":true,"pid":7}""" + "\nfirst ");
        ShimExecResult result = await exec;
        peer.Send("second");
        peer.Dispose();
        using StreamReader reader = new(result.Stream!);
        Assert.Equal(7, result.Pid);
        Assert.Equal("first second", await reader.ReadToEndAsync(Token));
    }

    [Fact]
    public async Task EventsComeUntilTheEnd()
    {
        using ShimClient client = await ShimClient.ConnectAsync(SocketPath, Token);
        using Peer control = new(await _listener.AcceptAsync(Token));
        Task<List<ShimEvent>> events = CollectAsync(client);
        using Peer peer = new(await _listener.AcceptAsync(Token));
        _ = await peer.ReadLineAsync();
        peer.Send("{\"ok\":true}\n{\"event\":\"oom\"}\n{\"event\":\"exit\",\"exitCode\":137,\"oom\":true}\n");
        peer.Dispose();
        Assert.Equal([("oom", null), ("exit", 137)], (await events).Select(e => (e.Event, e.ExitCode)));
    }

    [Fact]
    public async Task ADeadShimIsGone()
    {
        using ShimClient client = await ShimClient.ConnectAsync(SocketPath, Token);
        (await _listener.AcceptAsync(Token)).Dispose();
        Assert.Equal(ShimErrorKind.Gone, (await Assert.ThrowsAsync<ShimException>(() => client.StateAsync(Token))).Kind);
        _listener.Close();
        Assert.Equal(ShimErrorKind.Gone, (await Assert.ThrowsAsync<ShimException>(() => ShimClient.ConnectAsync(SocketPath, Token))).Kind);
    }

    [Fact]
    public async Task AClientThatIsClosedInTheMiddleOfARequestSaysGone()
    {
        ShimClient client = await ShimClient.ConnectAsync(SocketPath, Token);
        using Peer peer = new(await _listener.AcceptAsync(Token));
        Task kill = client.KillAsync(9, cancellationToken: Token);
        _ = await peer.ReadLineAsync();
        client.Dispose();
        Assert.Equal(ShimErrorKind.Gone, (await Assert.ThrowsAsync<ShimException>(() => kill)).Kind);
    }

    private static async Task<List<ShimEvent>> CollectAsync(ShimClient client)
    {
        List<ShimEvent> events = [];
        await foreach (ShimEvent occurrence in client.SubscribeAsync(Token))
        {
            events.Add(occurrence);
        }

        return events;
    }

    private sealed class Peer(Socket socket) : IDisposable
    {
        public async Task<string> ReadLineAsync()
        {
            byte[] one = new byte[1];
            List<byte> line = [];
            while (await socket.ReceiveAsync(one, Token) == 1 && one[0] != '\n')
            {
                line.Add(one[0]);
            }

            return Encoding.UTF8.GetString([.. line]);
        }

        public void Send(string text) => socket.Send(Encoding.UTF8.GetBytes(text));

        public void Dispose() => socket.Dispose();
    }
}
