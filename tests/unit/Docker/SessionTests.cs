using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Tare.Daemon.Hosting;
using Tare.Docker.Endpoints;
using Tare.Docker.Routing;
using Tare.Docker.Sessions;
using Tare.Engine.Errors;

namespace Tare.UnitTests.Docker;

/// <summary>Sessions over a unix socket whose client serves HTTP/2 on the connection that it opened, as BuildKit's clients do.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tare-unit-").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly SessionTable _table = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _ended = new(0);
    private readonly SemaphoreSlim _checked = new(0);
    private volatile bool _isWell = true;
    private ListeningSocket _socket = null!;
    private ApiServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        SessionEndpoints endpoints = new(_table, _time);
        _socket = ListeningSocket.Bind(ListenAddress.Parse("unix://" + _folder + "/s.sock"), null)[0];
        _server = new ApiServer([_socket], context => HandleAsync(endpoints, context), tls: null, NullLoggerFactory.Instance);
        await _server.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _server.StopAsync(_stopping.Token);
        await _server.DisposeAsync();
        _socket.Dispose();
        _stopping.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("", "no upgrade proto in request")]
    [InlineData("Connection: Upgrade\r\nUpgrade: foo\r\n", "protocol foo not supported")]
    public async Task OtherProtocolsAreRefused(string header, string message)
    {
        using Socket client = Connect(header);
        Assert.Equal("HTTP/1.1 400", await HijackServer.ReadAsync(client, 12));
        await HijackServer.ReadHeadAsync(client);
        Assert.Equal(message, await HijackServer.ReadAsync(client, message.Length));
        Assert.Null(_table.TryFind("one"));
    }

    [Fact]
    public async Task TheClientIsAskedForItsHealthUntilItGoes()
    {
        using Socket client = await OpenAsync();
        using (Socket second = Connect("Connection: Upgrade\r\nUpgrade: h2c\r\n"))
        {
            Assert.Equal("HTTP/1.1 400", await HijackServer.ReadAsync(second, 12));
        }

        await using KestrelHealth health = await KestrelHealth.ServeAsync(client, _folder, Answer);
        Assert.True(await _checked.WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
        ClientSession session = _table.TryFind("prefix:one")!;
        Assert.Equal(("one", "key", true, false), (session.Id, session.SharedKey, session.Serves("/a.B/c"), session.Serves("/other")));
        await NextCheckAsync();
        await NextCheckAsync();
        client.Close();
        Assert.True(await _ended.WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
        Assert.True(session.Ended.IsCancellationRequested);
        Assert.Null(_table.TryFind("one"));
    }

    [Fact]
    public async Task TwoFailedChecksEndIt()
    {
        using Socket client = await OpenAsync();
        await using KestrelHealth health = await KestrelHealth.ServeAsync(client, _folder, Answer);
        Assert.True(await _checked.WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
        _isWell = false;
        await NextCheckAsync();
        Assert.NotNull(_table.TryFind("one"));
        await NextCheckAsync();
        Assert.True(await _ended.WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
    }

    [Fact]
    public async Task TheDaemonsEndIsItsEnd()
    {
        using Socket client = await OpenAsync();
        await _stopping.CancelAsync();
        await HijackServer.ReadBytesToEndAsync(client);
        Assert.True(await _ended.WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
    }

    private async Task<Socket> OpenAsync()
    {
        Socket client = Connect("Connection: Upgrade\r\nUpgrade: h2c\r\nX-Docker-Expose-Session-Sharedkey: key\r\nX-Docker-Expose-Session-Grpc-Method: /A.B/C\r\n");
        Assert.Equal("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", await HijackServer.ReadHeadAsync(client));
        return client;
    }

    private async Task NextCheckAsync()
    {
        // The wait between two checks begins a moment after the answer to the last.
        while (!await _checked.WaitAsync(TimeSpan.FromMilliseconds(50), Cancellation))
        {
            _time.Advance(TimeSpan.FromSeconds(5));
        }
    }

    private Socket Connect(string headers)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_folder + "/s.sock"));
        socket.Send(Encoding.ASCII.GetBytes($"POST /session HTTP/1.1\r\nHost: x\r\nX-Docker-Expose-Session-Uuid: one\r\n{headers}\r\n"));
        return socket;
    }

    private async Task HandleAsync(SessionEndpoints endpoints, HttpContext context)
    {
        try
        {
            await endpoints.StartAsync(new ApiRequest(context, null!, ApiVersion.Current, "", _stopping.Token));
            _ended.Release();
        }
        catch (EngineException e)
        {
            context.Response.StatusCode = e.Class == ErrorClass.InvalidArgument ? 400 : 500;
            context.Response.ContentLength = e.Message.Length;
            await context.Response.WriteAsync(e.Message);
        }
    }

    private async Task Answer(HttpContext context)
    {
        Assert.Equal("/grpc.health.v1.Health/Check", context.Request.Path);
        context.Response.ContentType = "application/grpc";
        context.Response.DeclareTrailer("grpc-status");
        await context.Response.Body.WriteAsync(new byte[] { 0, 0, 0, 0, 2, 8, 1 });
        context.Response.AppendTrailer("grpc-status", _isWell ? "0" : "14");
        _checked.Release();
    }

    /// <summary>A server of HTTP/2 on a connection that exists: what comes and goes there is passed on.</summary>
    private sealed class KestrelHealth : IAsyncDisposable
    {
        private KestrelServer _server = null!;
        private Socket _inner = null!;

        public static async Task<KestrelHealth> ServeAsync(Socket client, string folder, RequestDelegate answer)
        {
            string path = folder + "/health.sock";
            KestrelServerOptions options = new() { ApplicationServices = new NoServices() };
            options.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http2);
            KestrelHealth health = new()
            {
                _server = new KestrelServer(Options.Create(options), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance), NullLoggerFactory.Instance),
                _inner = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
            };
            await health._server.StartAsync(new Application(answer), Cancellation);
            await health._inner.ConnectAsync(new UnixDomainSocketEndPoint(path), Cancellation);
            NetworkStream outer = new(client, ownsSocket: false);
            NetworkStream inner = new(health._inner, ownsSocket: false);
            _ = outer.CopyToAsync(inner, Cancellation);
            _ = inner.CopyToAsync(outer, Cancellation);
            return health;
        }

        public async ValueTask DisposeAsync()
        {
            _inner.Dispose();
            using CancellationTokenSource now = new();
            await now.CancelAsync();
            await _server.StopAsync(now.Token);
            _server.Dispose();
        }

        private sealed class Application(RequestDelegate answer) : IHttpApplication<HttpContext>
        {
            public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

            public Task ProcessRequestAsync(HttpContext context) => answer(context);

            public void DisposeContext(HttpContext context, Exception? exception)
            {
            }
        }

        private sealed class NoServices : IServiceProvider
        {
            public object? GetService(Type serviceType) => null;
        }
    }
}
