using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Tare.Daemon.Hosting;
using Tare.Docker;
using Tare.Engine;

namespace Tare.UnitTests.Docker;

/// <summary>The door over a unix socket, as far as it answers without asking the engine.</summary>
public sealed class DockerApiTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tare-unit-").FullName;
    private readonly CancellationTokenSource _stopping = new();
    private TareEngine _engine = null!;
    private ListeningSocket _socket = null!;
    private ApiServer _server = null!;
    private HttpClient _client = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        string path = Path.Combine(_folder, "s.sock");
        _engine = new TareEngine(new TareEngineOptions { RuntimePath = "/none", DataRoot = _folder + "/data", ExecRoot = _folder + "/exec" }, NullLoggerFactory.Instance, TimeProvider.System);
        _socket = ListeningSocket.Bind(ListenAddress.Parse("unix://" + path), null)[0];
        _server = new ApiServer([_socket], new DockerApi(_engine, NullLoggerFactory.Instance, TimeProvider.System, _stopping.Token).InvokeAsync, tls: null, NullLoggerFactory.Instance);
        await _server.StartAsync(CancellationToken.None);
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri("http://tare"),
        };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _stopping.CancelAsync();
        await _server.StopAsync(_stopping.Token);
        await _server.DisposeAsync();
        _socket.Dispose();
        await _engine.DisposeAsync();
        _stopping.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task PingTellsTheVersion(string method)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), "/_ping");
        using HttpResponseMessage response = await _client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("1.51", Header(response, "Api-Version"));
        Assert.Equal("linux", Header(response, "Ostype"));
        Assert.Equal("false", Header(response, "Docker-Experimental"));
        Assert.Equal("inactive", Header(response, "Swarm"));
        Assert.StartsWith("Tare/", Header(response, "Server"), StringComparison.Ordinal);
        Assert.Equal(method == "GET" ? "OK" : "", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [InlineData("GET", "/foo", 404, "page not found")]
    [InlineData("GET", "/v1.51/foo", 404, "page not found")]
    [InlineData("GET", "/v1.99/version", 400, "client version 1.99 is too new. Maximum supported API version is 1.51")]
    [InlineData("GET", "/v1.10/version", 400, "client version 1.10 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version")]
    [InlineData("POST", "/containers/create", 400, "invalid JSON: got EOF while reading request body")]
    [InlineData("POST", "/containers/x/wait?condition=foo", 400, "invalid condition: \\\"foo\\\"")]
    [InlineData("GET", "/containers/x/logs", 400, "Bad parameters: you must choose at least one stream")]
    [InlineData("POST", "/containers/x/resize?h=10&w=x", 400, "invalid resize width \\\"x\\\": invalid syntax")]
    [InlineData("POST", "/containers/x/resize", 400, "invalid resize height \\\"\\\": invalid syntax")]
    [InlineData("POST", "/containers/x/attach?detachKeys=ctrl-ab", 400, "Invalid detach keys (ctrl-ab) provided")]
    [InlineData("GET", "/containers/json?filters=bad", 400, "invalid filter")]
    [InlineData("GET", "/events?since=x", 400, "strconv.ParseInt: parsing \\\"x\\\": invalid syntax")]
    public async Task FailuresAreDocumentsInDockersWords(string method, string path, int status, string message)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        using HttpResponseMessage response = await _client.SendAsync(request, Cancellation);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        Assert.Equal($"{{\"message\":\"{message}\"}}\n", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task VersionNamesTheDockerReleaseThatIsFollowed()
    {
        string version = await _client.GetStringAsync(new Uri("/v1.51/version", UriKind.Relative), Cancellation);
        Assert.Contains("\"Version\":\"28.5.2+tare.", version, StringComparison.Ordinal);
        Assert.Contains("\"ApiVersion\":\"1.51\",\"MinAPIVersion\":\"1.24\"", version, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BodiesOfAnotherTypeAreRefused()
    {
        using StringContent body = new("{}", Encoding.UTF8, "application/x-www-form-urlencoded");
        using HttpResponseMessage response = await _client.PostAsync(new Uri("/v1.51/containers/create", UriKind.Relative), body, Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("must be 'application/json'", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventsSendTheirHeadersAtOnceAndEndWithTheDaemon()
    {
        using HttpResponseMessage response = await _client.GetAsync(new Uri("/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1, _engine.Events.Listeners);
        await _stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync(Cancellation).WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
        Assert.Equal(0, _engine.Events.Listeners);
    }

    [Fact]
    public async Task AListenerOfEventsThatGoesLeavesNothing()
    {
        HttpResponseMessage response = await _client.GetAsync(new Uri("/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(1, _engine.Events.Listeners);
        response.Dispose();
        for (int i = 0; i < 200 && _engine.Events.Listeners > 0; i++)
        {
            await Task.Delay(10, Cancellation);
        }

        Assert.Equal(0, _engine.Events.Listeners);
    }

    private static string Header(HttpResponseMessage response, string name) => string.Join(',', response.Headers.GetValues(name));
}
