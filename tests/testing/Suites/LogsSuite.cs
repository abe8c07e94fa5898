using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tare.Testing.Suites;

/// <summary>Log drivers and <c>logs</c>.</summary>
public abstract class LogsSuite(DaemonFixture daemon, string client) : ClientSuite(daemon, client)
{
    [Theory]
    [InlineData("json-file")]
    [InlineData("local")]
    public void ALogIsReadByTimeTailAndStream(string driver)
    {
        string name = Finished(["--log-driver", driver], "echo one; echo two >&2; sleep 0.2; echo three; printf four");
        CommandResult all = Client(["logs", name]).Ok();
        Assert.Equal("one\nthree\nfour", all.Stdout);
        Assert.Equal("two\n", all.Stderr);
        Assert.Equal("three\nfour", Client(["logs", "-n", "2", name]).Ok().Stdout);
        string[] times = [.. Client(["logs", "-t", name]).Ok().Stdout.Split('\n').Select(l => l.Split(' ')[0])];
        Assert.Equal("three\nfour", Client(["logs", "--since", times[1], name]).Ok().Stdout);
        Assert.Equal("one\n", Client(["logs", "--until", times[0], name]).Ok().Stdout);
        Assert.Equal("one\nthree\nfour", Client(["logs", "-f", name]).Ok().Stdout);
        Client(["rm", name]).Ok();
    }

    [Fact]
    public void DetailsShowLabelsVariablesAndTheTag()
    {
        string name = Finished(
            ["--label", "a=1", "--label", "xb=2", "--label", "c=3", "-e", "E=4", "-e", "YF=5 6", "--log-opt", "labels=a", "--log-opt", "labels-regex=^x", "--log-opt", "env=E", "--log-opt", "env-regex=^Y", "--log-opt", "tag={{.Name}}/{{.ImageName}}"],
            "echo hi");
        Assert.Equal($"E=4,YF=5+6,a=1,tag={name}%2Fbusybox,xb=2 hi", Client(["logs", "--details", name]).Ok().Text);
        Client(["rm", name]).Ok();
    }

    [Theory]
    [InlineData("json-file", "")]
    [InlineData("local", "")]
    [InlineData("json-file", "--log-opt compress=true")]
    public void OlderFilesAreReadWhetherCompressedOrNot(string driver, string options)
    {
        string name = Finished(["--log-driver", driver, "--log-opt", "max-size=40k", "--log-opt", "max-file=30", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)], "seq 10000 14999");
        string folder = Path.Combine(Daemon.DataRoot, "containers", Client(["inspect", "-f", "{{.Id}}", name]).Ok().Text);
        bool compressed = driver == "local" || options.Length > 0;
        Eventually.True(
            () => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(p => p.Contains(".log.", StringComparison.Ordinal)).All(p => p.EndsWith(".gz", StringComparison.Ordinal) == compressed),
            "older files are not compressed, or are though they should not be");
        Assert.Equal(string.Join('\n', Enumerable.Range(10000, 5000)), Client(["logs", name]).Ok().Text);
        Assert.Equal(string.Join('\n', Enumerable.Range(12000, 3000)), Client(["logs", "-n", "3000", name]).Ok().Text);
        Client(["rm", name]).Ok();
    }

    [Fact]
    public void SyslogIsSentToAndTheCacheIsRead()
    {
        using UdpClient server = new(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)server.Client.LocalEndPoint!).Port;
        string name = Finished(["--log-driver", "syslog", "--log-opt", $"syslog-address=udp://127.0.0.1:{port}", "--log-opt", "tag={{.Name}}", "--log-opt", "syslog-facility=local3"], "echo out; echo err >&2");
        string[] messages = [Receive(server), Receive(server)];
        Assert.Contains(messages, m => m.StartsWith("<158>", StringComparison.Ordinal) && m.Contains($" {name}[{Daemon.DaemonPid}]: out\n", StringComparison.Ordinal));
        Assert.Contains(messages, m => m.StartsWith("<155>", StringComparison.Ordinal) && m.EndsWith(": err\n", StringComparison.Ordinal));
        Assert.Equal("out", Client(["logs", name]).Ok().Text);
        Client(["rm", name]).Ok();
        name = Finished(["--log-driver", "syslog", "--log-opt", $"syslog-address=udp://127.0.0.1:{port}", "--log-opt", "cache-disabled=true"], "echo out");
        Assert.Contains("configured logging driver does not support reading", Client(["logs", name]).Exits(1).Stderr, StringComparison.Ordinal);
        Client(["rm", name]).Ok();
    }

    [Fact]
    public void WhatWasWrittenWhileTheDaemonWasDownIsSentAfterwards()
    {
        using UdpClient server = new(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)server.Client.LocalEndPoint!).Port;
        string name = NewName();
        Client(["run", "-d", "--name", name, "--log-driver", "gelf", "--log-opt", $"gelf-address=udp://127.0.0.1:{port}", "--log-opt", "gelf-compression-type=none", "busybox", "sh", "-c", "echo before; sleep 3; echo after"]).Ok();
        Assert.Contains("\"short_message\":\"before\"", Receive(server), StringComparison.Ordinal);
        Daemon.StopDaemon();
        Thread.Sleep(4000);
        Daemon.StartDaemon();
        Assert.Contains("\"short_message\":\"after\"", Receive(server), StringComparison.Ordinal);
        Client(["rm", "-f", name]).Ok();
    }

    [Fact]
    public void FluentdGetsItsRecords()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        string name = Finished(["--log-driver", "fluentd", "--log-opt", $"fluentd-address=127.0.0.1:{port}", "--log-opt", "tag=mine"], "echo out");
        using TcpClient connection = listener.AcceptTcpClient();
        connection.ReceiveTimeout = 10_000;
        byte[] buffer = new byte[4096];
        string text = Encoding.Latin1.GetString(buffer, 0, connection.GetStream().Read(buffer));
        Assert.StartsWith("\u0094\u00a4mine\u00d2", text, StringComparison.Ordinal);
        Assert.Contains("\u00a3log\u00a3out", text, StringComparison.Ordinal);
        Assert.Contains($"container_name{(char)(0xa0 + name.Length + 1)}/{name}", text, StringComparison.Ordinal);
        Client(["rm", name]).Ok();
        listener.Stop();
        Assert.Contains("failed to initialize logging driver: dial tcp 127.0.0.1:" + port + ": connect: connection refused",
            Client(["run", "--rm", "--log-driver", "fluentd", "--log-opt", $"fluentd-address=127.0.0.1:{port}", "busybox", "true"]).Exits(125).Stderr, StringComparison.Ordinal);
        Assert.Equal("x", Client(["run", "--rm", "--log-driver", "fluentd", "--log-opt", $"fluentd-address=127.0.0.1:{port}", "--log-opt", "fluentd-async=true", "busybox", "echo", "x"]).Ok().Text);
    }

    [Theory]
    [InlineData("json-file", "bad=1", "unknown log opt 'bad' for json-file log driver")]
    [InlineData("local", "tag=a", "unknown log opt 'tag' for log driver local")]
    [InlineData("json-file", "mode=x", "logger: logging mode not supported: x")]
    [InlineData("json-file", "max-buffer-size=1m", "logger: max-buffer-size option is only supported with 'mode=non-blocking'")]
    [InlineData("syslog", "syslog-address=xxx://foo", "unsupported scheme: 'xxx'")]
    [InlineData("syslog", "syslog-format=foo", "Invalid syslog format")]
    [InlineData("gelf", "tag=x", "gelf-address is a required parameter")]
    [InlineData("gelf", "gelf-address=udp://foo", "gelf: please provide gelf-address as proto://host:port")]
    [InlineData("fluentd", "fluentd-address=foo://x", "invalid fluentd-address (foo://x): unsupported scheme: 'foo'")]
    [InlineData("nosuch", "a=b", "error looking up logging plugin nosuch: plugin \"nosuch\" not found")]
    public void WrongOptionsAreRefusedInDockersWords(string driver, string option, string message)
        => Assert.Contains(message, Client(["create", "--log-driver", driver, "--log-opt", option, "busybox"]).Exits(1).Stderr, StringComparison.Ordinal);

    private string Finished(IEnumerable<string> options, string script)
    {
        string name = NewName("log");
        Client(["run", "-d", "--name", name, .. options, "busybox", "sh", "-c", script]).Ok();
        Assert.Equal("0", Client(["wait", name]).Ok().Text);
        return name;
    }

    private static string Receive(UdpClient server)
    {
        server.Client.ReceiveTimeout = 10_000;
        IPEndPoint? from = null;
        return Encoding.UTF8.GetString(server.Receive(ref from));
    }
}
