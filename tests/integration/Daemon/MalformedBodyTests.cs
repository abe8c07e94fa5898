using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Tare.IntegrationTests.Daemon;

/// <summary>Bodies that are no request get a 4xx and Docker's error document from every operation that reads JSON; the daemon lives on.</summary>
public sealed class MalformedBodyTests(DaemonFixture daemon) : IClassFixture<DaemonFixture>
{
    private static readonly string[] s_operations =
    [
        "containers/create", "containers/subject/update", "containers/subject/exec", "volumes/create", "auth",
    ];

    [Fact]
    public async Task BadBodiesAreRefused()
    {
        daemon.Tare("run -d --name subject busybox sleep 1000").Ok();
        using HttpClient http = new(new SocketsHttpHandler { ConnectCallback = ConnectAsync }) { Timeout = TimeSpan.FromSeconds(30) };
        foreach (string operation in s_operations)
        {
            foreach (string body in Bodies())
            {
                await ExpectRefusalAsync(http, operation, body);
            }
        }

        Assert.Equal("subject", daemon.Tare(["ps", "--format", "{{.Names}}"]).Ok().Text);
        daemon.Tare("rm -f subject").Ok();
    }

    [Fact]
    public async Task RandomlyDamagedRequestsNeverBreakTheDaemon()
    {
        const string Sound = """{"Image":"busybox","Cmd":["true"],"Env":["A=b"],"Labels":{"a":"b"},"HostConfig":{"Binds":["/tmp:/x"],"Memory":67108864,"PortBindings":{"80/tcp":[{"HostPort":"0"}]},"LogConfig":{"Type":"json-file","Config":{"max-size":"1m"}},"RestartPolicy":{"Name":"no"}},"Healthcheck":{"Test":["CMD","x"],"Interval":1000000000}}""";
        using HttpClient http = new(new SocketsHttpHandler { ConnectCallback = ConnectAsync }) { Timeout = TimeSpan.FromSeconds(30) };
        Random random = new(20261124);
        for (int round = 0; round < 400; round++)
        {
            byte[] body = Encoding.UTF8.GetBytes(Sound);
            for (int change = random.Next(1, 6); change > 0; change--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            using ByteArrayContent content = new(body);
            content.Headers.ContentType = new("application/json");
            using HttpResponseMessage response = await http.PostAsync(new Uri("http://docker/v1.51/containers/create"), content, TestContext.Current.CancellationToken);
            string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True((int)response.StatusCode is 201 or (>= 400 and < 500), $"{(int)response.StatusCode} {text} for {Encoding.Latin1.GetString(body)}");
            Assert.True(JsonDocument.Parse(text).RootElement.TryGetProperty(response.IsSuccessStatusCode ? "Id" : "message", out _), text);
        }
    }

    private static IEnumerable<string> Bodies() =>
    [
        "", "{", "[]", "1", "\"text\"", "null x", "{\"a\":}", "\0\0\0", "{\"Image\":5}", "{\"HostConfig\":[]}", new string('[', 100_000), "{\"Image\":\"" + new string('a', 5 << 20),
    ];

    private static async Task ExpectRefusalAsync(HttpClient http, string operation, string body)
    {
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync(new Uri("http://docker/v1.51/" + operation), content, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        string what = $"{operation} with {body[..Math.Min(body.Length, 40)]}: {(int)response.StatusCode} {text}";

        // What an operation does not read is no fault of the request's.
        bool unread = body is "{\"Image\":5}" or "{\"HostConfig\":[]}" && operation != "containers/create";
        if (!unread && !(operation == "volumes/create" && body.Length == 0))
        {
            Assert.True((int)response.StatusCode is >= 400 and < 500 || (operation == "auth" && response.StatusCode == HttpStatusCode.NotImplemented), what);
            Assert.True(JsonDocument.Parse(text).RootElement.TryGetProperty("message", out JsonElement message) && message.GetString() is { Length: > 0 }, what);
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(daemon.Socket), cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
