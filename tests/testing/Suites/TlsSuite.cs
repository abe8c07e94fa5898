using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Tare.Testing.Suites;

/// <summary>A daemon that listens on TCP with TLS and asks for clients' certificates.</summary>
public sealed class TlsDaemonFixture : DaemonFixture
{
    /// <summary>The port, free when the fixture began.</summary>
    public int Port { get; } = FreePort();

    /// <summary>Folder with the certificates.</summary>
    public string Certificates => Path.Combine(Root, "tls");

    /// <summary>The configuration file.</summary>
    public string Configuration => Path.Combine(Root, "daemon.json");

    protected override IReadOnlyList<string> ExtraArguments =>
    [
        string.Create(CultureInfo.InvariantCulture, $"-H tcp://127.0.0.1:{Port}"), "--tlsverify", $"--tlscacert {Certificates}/ca.pem", $"--tlscert {Certificates}/server-cert.pem",
        $"--tlskey {Certificates}/server-key.pem", $"--config-file {Configuration}", "--log-format json",
    ];

    protected override void BeforeStart()
    {
        Directory.CreateDirectory(Certificates);
        TlsFiles.Write(Certificates);
        File.WriteAllText(Configuration, "{}");
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>TLS with certificates on both sides, and the daemon's reload.</summary>
public abstract class TlsSuite(TlsDaemonFixture daemon, string client)
{
    [Fact]
    public void AClientWithACertificateIsServedAndStreamsEndOnTheirOwn()
    {
        Dictionary<string, string> environment = new() { ["DOCKER_TLS_VERIFY"] = "1", ["DOCKER_CERT_PATH"] = daemon.Certificates };
        Assert.Equal("hello", Secure(environment, null, "run", "--rm", "busybox", "echo", "hello").Ok().Text);
        Assert.Equal("typed", Secure(environment, "typed"u8.ToArray(), "run", "-i", "--rm", "busybox", "cat").Ok().Text);
        Assert.Equal("hello", Secure([], null, "--tlsverify", "--tlscacert", daemon.Certificates + "/ca.pem", "--tlscert", daemon.Certificates + "/cert.pem", "--tlskey", daemon.Certificates + "/key.pem",
            "run", "--rm", "busybox", "echo", "hello").Ok().Text);
    }

    [Fact]
    public void ArchivesGoBothWays()
    {
        Dictionary<string, string> environment = new() { ["DOCKER_TLS_VERIFY"] = "1", ["DOCKER_CERT_PATH"] = daemon.Certificates };
        string folder = Directory.CreateTempSubdirectory("tare-tls-").FullName;
        byte[] content = RandomNumberGenerator.GetBytes(3_000_000);
        File.WriteAllBytes(folder + "/in", content);
        Secure(environment, null, "create", "--name", "copied", "busybox", "true").Ok();
        Secure(environment, null, "cp", folder + "/in", "copied:/file").Ok();
        Secure(environment, null, "cp", "copied:/file", folder + "/out").Ok();
        Assert.Equal(content, File.ReadAllBytes(folder + "/out"));
        Secure(environment, null, "export", "-o", folder + "/exported.tar", "copied").Ok();
        Assert.True(new FileInfo(folder + "/exported.tar").Length > content.Length);
        Secure(environment, null, "rm", "copied").Ok();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void AClientWithoutACertificateIsNot()
    {
        Assert.NotEqual(0, Secure([], null, "ps").ExitCode);
        string empty = Directory.CreateTempSubdirectory("tare-tls-").FullName;
        Assert.NotEqual(0, Secure(new() { ["DOCKER_CERT_PATH"] = empty }, null, "--tls", "ps").ExitCode);
        string folder = Directory.CreateTempSubdirectory("tare-tls-").FullName;
        TlsFiles.Write(folder);
        Assert.NotEqual(0, Secure(new() { ["DOCKER_TLS_VERIFY"] = "1", ["DOCKER_CERT_PATH"] = folder }, null, "ps").ExitCode);
        Directory.Delete(folder, recursive: true);
        Directory.Delete(empty);
    }

    [Fact]
    public void SighupReadsTheConfigurationAgain()
    {
        Assert.StartsWith("{\"level\":\"info\",\"msg\":", daemon.DaemonLog, StringComparison.Ordinal);
        Assert.DoesNotContain("\"level\":\"debug\"", daemon.DaemonLog, StringComparison.Ordinal);
        File.WriteAllText(daemon.Configuration, "{\"debug\": true}");
        Command.Run("/bin/kill", ["-HUP", daemon.DaemonPid.ToString(CultureInfo.InvariantCulture)]).Ok();
        Eventually.True(() => daemon.DaemonLog.Contains("the configuration was read again", StringComparison.Ordinal), () => daemon.DaemonLog);
        daemon.Tare("run --rm busybox true").Ok();
        Eventually.True(() => daemon.DaemonLog.Contains("\"level\":\"debug\"", StringComparison.Ordinal), () => daemon.DaemonLog);
        Assert.Contains("reload", daemon.Tare(["events", "--since", "60s", "--until", "0s", "-f", "type=daemon", "--format", "{{.Action}}"]).Ok().Text, StringComparison.Ordinal);
        File.WriteAllText(daemon.Configuration, "{\"nosuch\": true}");
        Command.Run("/bin/kill", ["-HUP", daemon.DaemonPid.ToString(CultureInfo.InvariantCulture)]).Ok();
        Eventually.True(() => daemon.DaemonLog.Contains("stays as it was", StringComparison.Ordinal), () => daemon.DaemonLog);
        File.WriteAllText(daemon.Configuration, "{}");
    }

    private CommandResult Secure(Dictionary<string, string> environment, byte[]? input, params string[] arguments)
        => Command.Run(client, ["-H", string.Create(CultureInfo.InvariantCulture, $"tcp://localhost:{daemon.Port}"), .. arguments], input, environment: environment);
}
