using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Tare.Daemon.Hosting;
using Tare.Daemon.Logging;
using Tare.Docker.Hijack;
using Tare.Docker.Routing;
using Tare.Engine.Containers;
using Tare.Runtime.Shim.Client;

namespace Tare.UnitTests.Docker;

/// <summary>Kestrel on a unix socket whose every POST takes over its connection and is bridged to a socket that stands for a container.</summary>
internal sealed class HijackServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tare-unit-").FullName;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MemoryStream _log = new();
    private readonly LoggerFactory _loggers;
    private ListeningSocket _socket = null!;
    private ApiServer _server = null!;
    private Task<Attachment?> _pending = Task.FromResult<Attachment?>(null);
    private Action _cancel = () => { };

    private HijackServer() => _loggers = new LoggerFactory([new LogfmtProvider(_log, TimeProvider.System)], new LoggerFilterOptions { MinLevel = LogLevel.Warning });

    public FakeTimeProvider Time { get; } = new();

    public bool IsTty { get; set; }

    /// <summary>Completes when a bridge has ended.</summary>
    public Task Ended => _ended.Task;

    private string SocketPath => Path.Combine(_folder, "s.sock");

    public static async Task<HijackServer> StartAsync()
    {
        HijackServer server = new();
        server._socket = ListeningSocket.Bind(ListenAddress.Parse("unix://" + server.SocketPath), null)[0];
        server._server = new ApiServer([server._socket], server.HandleAsync, tls: null, server._loggers);
        await server._server.StartAsync(CancellationToken.None);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new();
        await now.CancelAsync();
        await _server.StopAsync(now.Token);
        await _server.DisposeAsync();
        _socket.Dispose();
        Directory.Delete(_folder, recursive: true);
        Assert.Equal("", Encoding.UTF8.GetString(_log.ToArray()));
        _loggers.Dispose();
    }

    /// <summary>Makes a container that runs; the result is its end of the streams.</summary>
    public Socket ConnectContainer()
    {
        (Attachment attachment, Socket container) = Pair();
        _pending = Task.FromResult<Attachment?>(attachment);
        return container;
    }

    /// <summary>Makes a container that starts later.</summary>
    public TaskCompletionSource<Attachment?> StartLater()
    {
        TaskCompletionSource<Attachment?> start = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending = start.Task;
        _cancel = () => start.TrySetCanceled();
        return start;
    }

    public Socket Start(TaskCompletionSource<Attachment?> start)
    {
        (Attachment attachment, Socket container) = Pair();
        start.SetResult(attachment);
        return container;
    }

    public Socket ConnectUpgraded() => Connect("POST /attach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");

    public Socket Connect(string request)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
        socket.Send(Encoding.ASCII.GetBytes(request));
        return socket;
    }

    public static async Task<string> ReadHeadAsync(Socket socket)
    {
        StringBuilder head = new();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append(await ReadAsync(socket, 1));
        }

        return head.ToString();
    }

    public static async Task<string> ReadAsync(Socket socket, int count)
    {
        byte[] bytes = new byte[count];
        for (int read = 0; read < count;)
        {
            int more = await socket.ReceiveAsync(bytes.AsMemory(read)).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
            Assert.NotEqual(0, more);
            read += more;
        }

        return Encoding.ASCII.GetString(bytes);
    }

    public static async Task<string> ReadToEndAsync(Socket socket) => Encoding.ASCII.GetString(await ReadBytesToEndAsync(socket));

    public static async Task<byte[]> ReadBytesToEndAsync(Socket socket)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[32 * 1024];
        while (true)
        {
            int count = await socket.ReceiveAsync(buffer.AsMemory()).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
            if (count == 0)
            {
                return all.ToArray();
            }

            all.Write(buffer, 0, count);
        }
    }

    private (Attachment Attachment, Socket Container) Pair()
    {
        string path = Path.Combine(_folder, "c" + Guid.NewGuid().ToString("N")[..8]);
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(path));
        return (new Attachment(new ShimStream(client, default), IsTty), listener.Accept());
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await context.Response.WriteAsync("plain");
            return;
        }

        ApiRequest request = new(context, null!, ApiVersion.Current, "", CancellationToken.None);
        using StreamReader body = new(context.Request.Body);
        if (context.Request.ContentLength > 0)
        {
            await body.ReadToEndAsync();
        }

        try
        {
            await using HijackedConnection client = await HijackedConnection.OpenAsync(request, !IsTty);
            await new StreamBridge(client, true, IsTty ? DetachKeys.Default : null, Time).RunAsync(_pending, _cancel, CancellationToken.None);
        }
        finally
        {
            _ended.SetResult();
        }
    }
}
