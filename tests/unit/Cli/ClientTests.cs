using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Tare.Cli.Client;

namespace Tare.UnitTests.Cli;

public sealed class ClientTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"tare-unit-{Guid.NewGuid():N}.sock");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public ClientTests()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(_path));
        _listener.Listen();
    }

    public void Dispose()
    {
        _listener.Dispose();
        File.Delete(_path);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n{\"a\":1}")]
    public async Task BodiesEndWhereTheHeadSays(string reply)
    {
        Task<string> server = Serve(reply);
        using DaemonClient client = new(DaemonAddress.Parse($"unix://{_path}"), null);
        using JsonDocument document = client.Get("/info");
        Assert.Equal(1, document.RootElement.GetProperty("a").GetInt32());
        Assert.StartsWith($"GET /v{ClientVersion.Api}/info HTTP/1.1\r\nHost: tare\r\n", await server, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARefusalCarriesTheDaemonsWords()
    {
        Task<string> server = Serve("HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 31\r\n\r\n{\"message\":\"No such image: x\"}\n");
        using DaemonClient client = new(DaemonAddress.Parse($"unix://{_path}"), null);
        DaemonException failure = Assert.Throws<DaemonException>(() => client.Post("/x"));
        Assert.Equal(404, failure.Status);
        Assert.Equal("Error response from daemon: No such image: x", failure.Message);
        await server;
    }

    [Fact]
    public void NobodyThereIsSaid()
    {
        using DaemonClient client = new(DaemonAddress.Parse("unix:///nosuch/tare.sock"), null);
        Assert.Equal(
            "Cannot connect to the Tare daemon at unix:///nosuch/tare.sock. Is the tare daemon running?", Assert.Throws<UnreachableException>(() => client.Get("/info")).Message);
    }

    [Fact]
    public void TheAddressIsTakenFromTheFirstThatNamesOne()
    {
        static string? Both(string name) => name == "TARE_HOST" ? "tcp://a:1" : "tcp://b:2";
        Assert.Equal("/x", DaemonAddress.Resolve("unix:///x", Both).SocketPath);
        Assert.Equal("a", DaemonAddress.Resolve("", Both).HostName);
        Assert.Equal(2, DaemonAddress.Resolve("", static name => name == "DOCKER_HOST" ? "tcp://b:2" : null).Port);
        Assert.True(DaemonAddress.Resolve("", static _ => null).IsDefault);
        Assert.Equal("/run/tare/tare.sock", DaemonAddress.Resolve("", static _ => "").SocketPath);
        Assert.Throws<FormatException>(() => DaemonAddress.Parse("ssh://x"));
    }

    private Task<string> Serve(string reply) => Task.Run(() =>
    {
        using Socket connection = _listener.Accept();
        byte[] buffer = new byte[4096];
        int count = connection.Receive(buffer);
        connection.Send(Encoding.ASCII.GetBytes(reply));
        connection.Shutdown(SocketShutdown.Send);
        return Encoding.ASCII.GetString(buffer, 0, count);
    });
}
