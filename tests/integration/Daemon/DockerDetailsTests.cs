using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Tare.IntegrationTests.Daemon;

/// <summary>Details of the API that moby's own integration tests look at, as the genuine dockerd answers them.</summary>
public sealed class DockerDetailsTests : IClassFixture<DaemonFixture>, IDisposable
{
    private readonly DaemonFixture _daemon;
    private readonly HttpClient _http;

    public DockerDetailsTests(DaemonFixture daemon)
    {
        _daemon = daemon;
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = async (_, cancellationToken) => new NetworkStream(await ConnectAsync(cancellationToken), ownsSocket: true) })
        {
            BaseAddress = new Uri("http://docker/"),
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task APathInsideAVolumeFollowsLinksThatStayInside()
    {
        _daemon.Docker([.. "run --rm -v sub:/v busybox sh -c".Split(' '), "mkdir -p /v/real /v/hack && echo hello >/v/real/file && ln -s ../real /v/hack/good && ln -s / /v/hack/root && ln -s root /v/hack/bad && mkdir /v/bin"]).Ok();
        Assert.Equal("hello", _daemon.Docker(["run", "--rm", "--mount", "type=volume,source=sub,target=/m,volume-subpath=hack/good", "busybox", "cat", "/m/file"]).Ok().Text);
        // What the image has there fills the path, not the volume.
        Assert.Contains("busybox", _daemon.Docker(["run", "--rm", "--mount", "type=volume,source=sub,target=/bin,volume-subpath=bin", "busybox", "/bin/busybox", "ls", "/bin"]).Ok().Text, StringComparison.Ordinal);
        Assert.Equal(["bin", "hack", "real"], _daemon.Docker("run --rm -v sub:/v busybox ls /v").Ok().Text.Split('\n'));
        foreach ((string path, HttpStatusCode status, string message) in new[]
        {
            ("missing", HttpStatusCode.NotFound, "cannot access path"), ("hack/root", HttpStatusCode.BadRequest, "path concatenation escapes the base directory"),
            ("hack/bad", HttpStatusCode.BadRequest, "path concatenation escapes the base directory"),
        })
        {
            string id = _daemon.Docker(["create", "--mount", $"type=volume,source=sub,target=/m,volume-subpath={path}", "busybox", "true"]).Ok().Text;
            (HttpStatusCode answered, JsonElement error) = await PostAsync($"v1.51/containers/{id}/start", null);
            Assert.Equal(status, answered);
            Assert.StartsWith(message, error.GetProperty("message").GetString(), StringComparison.Ordinal);
            JsonElement mount = (await GetAsync($"v1.51/containers/{id}/json")).GetProperty("Mounts")[0];
            Assert.EndsWith("/volumes/sub/_data", mount.GetProperty("Source").GetString(), StringComparison.Ordinal);
            _daemon.Docker(["rm", id]).Ok();
        }

        _daemon.Docker("volume rm sub").Ok();
    }

    [Fact]
    public async Task OldClientsPruneNamedVolumesToo()
    {
        _daemon.Docker("volume create kept").Ok();
        string anonymous = _daemon.Docker("volume create").Ok().Text;
        Assert.Equal("", (await GetAsync("v1.51/volumes/" + anonymous)).GetProperty("Labels").GetProperty("com.docker.volume.anonymous").GetString());
        Assert.Equal([anonymous], Names((await PostAsync("v1.42/volumes/prune", null)).Answer));
        Assert.Equal(["kept"], Names((await PostAsync("v1.41/volumes/prune", null)).Answer));
    }

    [Theory]
    [InlineData("rshared", "inside")]
    [InlineData("rslave", "")]
    public void MountsReachTheHostThroughSharedBinds(string propagation, string expected)
    {
        string folder = $"{_daemon.Root}/{propagation}";
        Directory.CreateDirectory(folder);
        Command.Run("/bin/mount", ["-t", "tmpfs", "tmpfs", folder]).Ok();
        try
        {
            Command.Run("/bin/mount", ["--make-private", folder]).Ok();
            string needed = propagation == "rshared" ? "shared" : "shared or slave";
            CommandResult refused = _daemon.Docker(["run", "--rm", "-v", $"{folder}:/data:{propagation}", "busybox", "true"]).Exits(125);
            Assert.Contains($"path {folder} is mounted on {folder} but it is not a {needed} mount", refused.Stderr, StringComparison.Ordinal);
            Command.Run("/bin/mount", ["--make-shared", folder]).Ok();
            Directory.CreateDirectory(folder + "/below");
            _daemon.Docker(["run", "--rm", "--privileged", "-v", $"{folder}:/data:{propagation}", "busybox", "sh", "-c", "mount -t tmpfs t /data/below && echo inside > /data/below/seen"]).Ok();
            Assert.Equal(expected, File.Exists(folder + "/below/seen") ? File.ReadAllText(folder + "/below/seen").Trim() : "");
        }
        finally
        {
            Command.Run("/bin/umount", ["-R", folder]).Ok();
        }
    }

    [Fact]
    public async Task AStopGoesOnWhenItsClientHasGone()
    {
        string id = _daemon.Docker(["run", "-d", "busybox", "sh", "-c", "trap 'echo asked' TERM; echo ready; while true; do sleep 0.1; done"]).Ok().Text;
        Eventually.True(() => _daemon.Docker(["logs", id]).Text == "ready", "no trap");
        using CancellationTokenSource gone = new();
        Task stop = _http.PostAsync(new Uri($"v1.51/containers/{id}/stop?t=2", UriKind.Relative), null, gone.Token);
        Eventually.True(() => _daemon.Docker(["logs", id]).Text.EndsWith("asked", StringComparison.Ordinal), "no signal");
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stop);
        Assert.Equal("true", _daemon.Docker(["inspect", "-f", "{{.State.Running}}", id]).Ok().Text);
        Eventually.True(() => _daemon.Docker(["inspect", "-f", "{{.State.ExitCode}}", id]).Ok().Text == "137", "not killed");
        _daemon.Docker(["rm", id]).Ok();
    }

    [Theory]
    [InlineData(true, true, "one\r\n")]
    [InlineData(true, false, "\u0001\0\0\0\0\0\0\u0005one\r\n")]
    [InlineData(false, true, "one\n")]
    [InlineData(false, false, "\u0001\0\0\0\0\0\0\u0004one\n")]
    public async Task TheStartOfAnExecSaysHowItsOutputComes(bool terminal, bool raw, string output)
    {
        string id = _daemon.Docker("run -d busybox sleep 1000").Ok().Text;
        (_, JsonElement exec) = await PostAsync($"v1.51/containers/{id}/exec", $$"""{"AttachStdout":true,"Tty":{{(terminal ? "true" : "false")}},"ConsoleSize":[57,123],"Cmd":["sh","-c","[ -t 1 ] && [ \"$(stty size)\" != '57 123' ] || echo one"]}""");
        using HttpRequestMessage start = new(HttpMethod.Post, $"v1.51/exec/{exec.GetProperty("Id").GetString()}/start")
        {
            Content = new StringContent($$"""{"Tty":{{(raw ? "true" : "false")}} }""", Encoding.UTF8, "application/json"),
        };
        using HttpResponseMessage response = await _http.SendAsync(start, Cancellation);
        Assert.Equal(output, Encoding.Latin1.GetString(await response.Content.ReadAsByteArrayAsync(Cancellation)));
        _daemon.Docker(["rm", "-f", id]).Ok();
    }

    [Fact]
    public async Task RequestsAreReadAsByDockerd()
    {
        (HttpStatusCode Status, string Message)[] expected =
        [
            await RefusalAsync("v1.51/containers/create", """{"Image":"busybox","HostConfig":{"VolumesFrom":["nosuch"]}}"""),
            await RefusalAsync("v1.51/containers/create", """{"Image":"busybox","HostConfig":{"PidMode":"container:nosuch"}}"""),
            await RefusalAsync("v1.51/containers/create", "{\"Image\":\"busybox\",\"HostConfig\":{\"Binds\":[\"" + _daemon.DataRoot + ":/x:private\"]}}"),
            await RefusalAsync("v1.51/images/busybox/tag?repo=sha256&tag=x", null),
            await RefusalAsync("v1.51/images/create?fromSrc=-&platform=macos", null),
        ];
        Assert.Equal((HttpStatusCode.BadRequest, "No such container: nosuch"), expected[0]);
        Assert.Equal((HttpStatusCode.BadRequest, "No such container: nosuch"), expected[1]);
        Assert.Equal(HttpStatusCode.BadRequest, expected[2].Status);
        Assert.StartsWith("invalid mount config: must use either propagation mode \"rslave\" or \"rshared\"", expected[2].Message, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.BadRequest, "refusing to create an ambiguous tag using digest algorithm as name"), expected[3]);
        Assert.Equal((HttpStatusCode.BadRequest, "operating system is not supported"), expected[4]);
        using HttpResponseMessage platform = await _http.GetAsync(new Uri("v1.51/images/busybox/json?platform=" + Uri.EscapeDataString("""{"os":"windows","architecture":"amd64"}"""), UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, platform.StatusCode);
        Assert.Contains("was found but its platform", await platform.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.False((await GetAsync("v1.49/info")).GetProperty("BridgeNfIptables").GetBoolean());
        Assert.False((await GetAsync("v1.50/info")).TryGetProperty("BridgeNfIptables", out _));
    }

    [Fact]
    public async Task WhatAContainerIsMadeWithIsShownAsByDockerd()
    {
        string image = _daemon.Docker("image inspect -f {{.Id}} busybox").Ok().Text["sha256:".Length..];
        (_, JsonElement created) = await PostAsync("v1.51/containers/create", $$"""
            {"Image":"{{image}}","Cmd":["sleep","1000"],"WorkingDir":"/tmp/","HostConfig":{"Annotations":{"a":"b"},"Binds":["/:/host"],"PidsLimit":32,"Privileged":true,
             "SecurityOpt":["seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"chown\",\"fchownat\"],\"action\":\"SCMP_ACT_ERRNO\"}]}"] } }
            """);
        string id = created.GetProperty("Id").GetString()!;
        JsonElement container = await GetAsync($"v1.51/containers/{id}/json");
        Assert.Equal("/tmp", container.GetProperty("Config").GetProperty("WorkingDir").GetString());
        Assert.Equal("rslave", container.GetProperty("Mounts")[0].GetProperty("Propagation").GetString());
        string list = "containers/json?all=1&filters=" + Uri.EscapeDataString($$"""{"id":["{{id}}"]}""");
        Assert.Equal("b", (await GetAsync("v1.46/" + list))[0].GetProperty("HostConfig").GetProperty("Annotations").GetProperty("a").GetString());
        Assert.False((await GetAsync("v1.45/" + list))[0].GetProperty("HostConfig").TryGetProperty("Annotations", out _));
        _daemon.Docker(["start", id]).Ok();
        Assert.Contains("Operation not permitted", _daemon.Docker(["exec", id, "chown", "42", "/tmp"]).Stderr, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync($"v1.24/containers/{id}/update", """{"PidsLimit":16}""")).Status);
        Assert.Equal(32, (await GetAsync($"v1.51/containers/{id}/json")).GetProperty("HostConfig").GetProperty("PidsLimit").GetInt32());
        Assert.Equal(HttpStatusCode.OK, (await PostAsync($"v1.51/containers/{id}/update", """{"PidsLimit":-2}""")).Status);
        Assert.Equal(0, (await GetAsync($"v1.51/containers/{id}/json")).GetProperty("HostConfig").GetProperty("PidsLimit").GetInt32());
        _daemon.Docker(["rm", "-f", id]).Ok();
    }

    [Fact]
    public async Task ASessionTurnsTheConnectionRound()
    {
        using Socket client = await ConnectAsync(Cancellation);
        await client.SendAsync("POST /session HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nX-Docker-Expose-Session-Uuid: s\r\n\r\n"u8.ToArray(), Cancellation);
        const string Head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        byte[] answer = new byte[Head.Length];
        for (int read = 0; read < answer.Length;)
        {
            int count = await client.ReceiveAsync(answer.AsMemory(read), Cancellation);
            Assert.NotEqual(0, count);
            read += count;
        }

        Assert.Equal(Head, Encoding.ASCII.GetString(answer));
    }

    private static string[] Names(JsonElement pruned) => [.. pruned.GetProperty("VolumesDeleted").EnumerateArray().Select(name => name.GetString()!)];

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_daemon.Socket), cancellationToken);
        return socket;
    }

    private async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await _http.GetStringAsync(new Uri(path, UriKind.Relative), Cancellation)).RootElement;

    private async Task<(HttpStatusCode Status, string Message)> RefusalAsync(string path, string? body)
    {
        (HttpStatusCode status, JsonElement answer) = await PostAsync(path, body);
        return (status, answer.GetProperty("message").GetString()!);
    }

    private async Task<(HttpStatusCode Status, JsonElement Answer)> PostAsync(string path, string? body)
    {
        using HttpContent content = body is null ? new ByteArrayContent([]) : new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _http.PostAsync(new Uri(path, UriKind.Relative), content, Cancellation);
        string text = await response.Content.ReadAsStringAsync(Cancellation);
        return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }
}
