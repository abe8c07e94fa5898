using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tare.Daemon.Hosting;
using Tare.Daemon.Logging;
using Tare.Docker.Bodies;
using Tare.Docker.Routing;

namespace Tare.UnitTests.Docker;

/// <summary>Bodies that a thread reads past Kestrel: whole, cut off, malformed, left half read; and what the connection is good for afterwards.</summary>
public sealed class ArchiveBodyTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tare-unit-").FullName;
    private readonly MemoryStream _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoggerFactory _loggers = null!;
    private ListeningSocket _socket = null!;
    private ApiServer _server = null!;
    private long _most = long.MaxValue;
    private bool _isDirect;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string SocketPath => Path.Combine(_folder, "s.sock");

    public async ValueTask InitializeAsync()
    {
        _loggers = new LoggerFactory([new LogfmtProvider(_log, TimeProvider.System)], new LoggerFilterOptions { MinLevel = LogLevel.Warning });
        _socket = ListeningSocket.Bind(ListenAddress.Parse("unix://" + SocketPath), null)[0];
        _server = new ApiServer([_socket], HandleAsync, tls: null, _loggers);
        await _server.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new();
        await now.CancelAsync();
        await _server.StopAsync(now.Token);
        await _server.DisposeAsync();
        _socket.Dispose();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
        Assert.Equal("", Encoding.UTF8.GetString(_log.ToArray()));
        _loggers.Dispose();
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(5000, 7)]
    [InlineData(300_000, 1000)]
    [InlineData(5_000_000, 32 * 1024)]
    [InlineData(5_000_000, 600_001)]
    public async Task ABodyComesWholeAndTheConnectionGoesOn(int length, int chunkSize)
    {
        byte[] content = RandomNumberGenerator.GetBytes(length);
        using Socket client = Connect();
        for (int round = 0; round < 2; round++)
        {
            Task<string> answer = ReadAnswerAsync(client);
            await SendAsync(client, Head("Transfer-Encoding: chunked"), Chunks(content, chunkSize));
            Assert.Equal(TextOf(content), await answer);
            Assert.True(_isDirect);
        }

        await SendAsync(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        Assert.Equal("plain", await ReadAnswerAsync(client));
    }

    [Fact]
    public async Task ARequestThatFollowsAtOnceIsAnsweredToo()
    {
        byte[] content = RandomNumberGenerator.GetBytes(2_000_000);
        using Socket client = Connect();
        Task sending = SendAsync(client, Head("Transfer-Encoding: chunked"), Chunks(content, 100_000), "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        Assert.Equal(TextOf(content), await ReadAnswerAsync(client));
        Assert.Equal("plain", await ReadAnswerAsync(client));
        await sending;
    }

    [Fact]
    public async Task ABodyThatComesByteByByteIsRead()
    {
        byte[] content = RandomNumberGenerator.GetBytes(40);
        using Socket client = Connect();
        foreach (byte one in (byte[])[.. Head("Transfer-Encoding: chunked"), .. Chunks(content, 9)])
        {
            await SendAsync(client, [one]);
        }

        Assert.Equal(TextOf(content), await ReadAnswerAsync(client));
    }

    [Theory]
    [InlineData("Content-Length: 3", "abc")]
    [InlineData("Transfer-Encoding: chunked\r\nExpect: 100-continue", "3\r\nabc\r\n0\r\n\r\n")]
    public async Task OtherBodiesAreKestrels(string header, string body)
    {
        using Socket client = Connect();
        await SendAsync(client, Head(header));
        if (header.Contains("100-continue", StringComparison.Ordinal))
        {
            Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await HijackServer.ReadHeadAsync(client));
        }

        await SendAsync(client, Encoding.ASCII.GetBytes(body));
        Assert.Equal(TextOf("abc"u8), await ReadAnswerAsync(client));
        Assert.False(_isDirect);
    }

    // A handler that fails in the middle answers at once; the client is still sending, and must not find the connection closed.
    [Theory]
    [InlineData(1)]
    [InlineData(1_000_000)]
    public async Task ABodyThatIsLeftHalfReadIsPassedOver(long most)
    {
        _most = most;
        byte[] content = RandomNumberGenerator.GetBytes(3_000_000);
        using Socket client = Connect();
        Task sending = SendAsync(client, Head("Transfer-Encoding: chunked"), Chunks(content, 50_000), "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        Assert.StartsWith("left after ", await ReadAnswerAsync(client), StringComparison.Ordinal);
        Assert.Equal("plain", await ReadAnswerAsync(client));
        await sending;
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_500_000)]
    public async Task AClientThatGoesEndsTheReading(int sent)
    {
        using (Socket client = Connect())
        {
            byte[] body = Chunks(new byte[3_000_000], 32 * 1024);
            await SendAsync(client, Head("Transfer-Encoding: chunked"), body[..sent]);
        }

        // Kestrel may have told of it first.
        Exception? failure = await _ended.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        Assert.True(failure is BadHttpRequestException or OperationCanceledException, failure?.ToString());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_500_000)]
    public async Task AMalformedChunkIsRefusedAndTheConnectionClosed(int before)
    {
        using Socket client = Connect();
        byte[] good = Chunks(new byte[before], 10_000)[..^5];
        Task sending = SendAsync(client, Head("Transfer-Encoding: chunked"), good, "xyz\r\n"u8.ToArray());
        Assert.Equal("Bad chunk size data.", await ReadAnswerAsync(client));
        Assert.Equal("", await HijackServer.ReadToEndAsync(client));
        await sending;
        Assert.IsType<BadHttpRequestException>(await _ended.Task);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_500_000)]
    public async Task ACancellationEndsTheReading(int sent)
    {
        using Socket client = Connect();
        await SendAsync(client, Head("Transfer-Encoding: chunked"), Chunks(new byte[3_000_000], 32 * 1024)[..sent]);
        await Task.Delay(50, Cancellation);
        await _stop.CancelAsync();
        Assert.IsAssignableFrom<OperationCanceledException>(await _ended.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
    }

    private static byte[] Head(string header) => Encoding.ASCII.GetBytes($"POST /put HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n");

    private static byte[] Chunks(byte[] content, int size)
    {
        using MemoryStream body = new();
        foreach (byte[] chunk in content.Chunk(size))
        {
            body.Write(Encoding.ASCII.GetBytes(chunk.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
            body.Write(chunk);
            body.Write("\r\n"u8);
        }

        body.Write("0\r\n\r\n"u8);
        return body.ToArray();
    }

    private static string TextOf(ReadOnlySpan<byte> content) => Convert.ToHexString(SHA256.HashData(content));

    private static async Task SendAsync(Socket client, params byte[][] parts)
    {
        foreach (byte[] part in parts)
        {
            for (int sent = 0; sent < part.Length;)
            {
                sent += await client.SendAsync(part.AsMemory(sent), Cancellation);
            }
        }
    }

    private static async Task<string> ReadAnswerAsync(Socket client)
    {
        string head = await HijackServer.ReadHeadAsync(client);
        string length = head.Split("\r\n").First(static line => line.StartsWith("Content-Length: ", StringComparison.Ordinal))["Content-Length: ".Length..];
        return await HijackServer.ReadAsync(client, int.Parse(length, CultureInfo.InvariantCulture));
    }

    private Socket Connect()
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
        return socket;
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await AnswerAsync(context, "plain");
            return;
        }

        using CancellationTokenSource aborted = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stop.Token);
        ApiRequest request = new(context, null!, ApiVersion.Current, "", aborted.Token);
        try
        {
            string text;
            using (Stream body = ArchiveBody.Open(request, aborted.Token))
            {
                _isDirect = body is ChunkedBody;
                text = await Task.Factory.StartNew(() => Read(body), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }

            await AnswerAsync(context, text);
            _ended.TrySetResult(null);
        }
        catch (BadHttpRequestException e)
        {
            await AnswerAsync(context, e.Message);
            _ended.TrySetResult(e);
        }
        catch (OperationCanceledException e)
        {
            _ended.TrySetResult(e);
            context.Abort();
        }
    }

    private string Read(Stream body)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[(int)Math.Min(_most, 256 * 1024)];
        long all = 0;
        int read;
        while ((read = body.Read(buffer)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            all += read;
            if (all >= _most)
            {
                return $"left after {all}";
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static async Task AnswerAsync(HttpContext context, string text)
    {
        context.Response.ContentLength = text.Length;
        await context.Response.WriteAsync(text, Cancellation);
    }
}
