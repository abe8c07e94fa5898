using System.Text.Json;

namespace Tare.IntegrationTests.Daemon;

/// <summary>The configuration file: what it says holds for containers, what may change does at SIGHUP, and what is wrong is told in dockerd's words.</summary>
public sealed class ConfigurationTests(ConfigurationTests.ConfiguredDaemon daemon) : IClassFixture<ConfigurationTests.ConfiguredDaemon>
{
    /// <summary>A daemon with a configuration file.</summary>
    public sealed class ConfiguredDaemon : DaemonFixture
    {
        public const string First = """
            {
              "labels": ["tier=one"],
              "default-shm-size": "8M",
              "default-ipc-mode": "shareable",
              "default-ulimits": { "nofile": { "Name": "nofile", "Soft": 111, "Hard": 222 } },
              "no-new-privileges": true,
              "seccomp-profile": "unconfined",
              "dns": ["9.9.9.9"], "dns-opts": ["ndots:3"], "dns-search": ["example.org"],
              "features": { "cdi": true },
              "live-restore": true, "shutdown-timeout": 7, "storage-driver": "overlay2", "exec-opts": ["native.cgroupdriver=cgroupfs"], "default-runtime": "runc",
              "max-concurrent-downloads": 4
            }
            """;

        public string File => Root + "/daemon.json";

        protected override IReadOnlyList<string> ExtraArguments => [$"--config-file {File}"];

        protected override void BeforeStart() => System.IO.File.WriteAllText(File, First);
    }

    [Fact]
    public void ContainersGetTheDefaults()
    {
        string seen = daemon.Tare(["run", "--rm", "busybox", "sh", "-c", "df -k /dev/shm | tail -1 | awk '{print $2}'; ulimit -n; ulimit -Hn; grep -E 'NoNewPrivs|Seccomp:' /proc/self/status; grep -v -e '^#' -e '^$' /etc/resolv.conf"]).Ok().Stdout;
        Assert.Equal("8192\n111\n222\nNoNewPrivs:\t1\nSeccomp:\t0\nnameserver 9.9.9.9\nsearch example.org\noptions ndots:3\n", seen);
        daemon.Docker("create --name defaults busybox true").Ok();
        Assert.Equal("8388608 shareable", daemon.Docker(["inspect", "-f", "{{.HostConfig.ShmSize}} {{.HostConfig.IpcMode}}", "defaults"]).Ok().Text);
        daemon.Docker("rm defaults").Ok();
        string own = daemon.Docker(["run", "--rm", "--ulimit", "nofile=50:60", "--security-opt", "no-new-privileges=false", "--shm-size", "1m", "--dns", "1.1.1.1", "busybox", "sh", "-c", "ulimit -n; grep NoNew /proc/self/status; df -k /dev/shm | tail -1 | awk '{print $2}'; grep ^nameserver /etc/resolv.conf"]).Ok().Stdout;
        Assert.Equal("50\nNoNewPrivs:\t0\n1024\nnameserver 1.1.1.1\n", own);
    }

    // The default here is shareable.
    [Fact]
    public void SharedMemoryIsTheSameForWhoSharesIt()
    {
        daemon.Docker(["run", "-d", "--name", "donor", "--net", "none", "busybox", "sh", "-c", "echo given > /dev/shm/x; exec sleep 1000"]).Ok();
        daemon.Docker(["run", "-d", "--name", "closed", "--ipc", "private", "--net", "none", "busybox", "sleep", "1000"]).Ok();
        Eventually.True(() => daemon.Docker("exec donor cat /dev/shm/x").Text == "given", "nothing is given");
        Assert.Equal("given", daemon.Docker(["run", "--rm", "--net", "none", "--ipc", "container:donor", "busybox", "sh", "-c", "cat /dev/shm/x; echo back > /dev/shm/y"]).Ok().Text);
        Assert.Equal("back", daemon.Docker("exec donor cat /dev/shm/y").Ok().Text);
        Assert.Contains(": non-shareable IPC (hint: use IpcMode:shareable for the donor container)", daemon.Docker(["run", "--rm", "--ipc", "container:closed", "busybox", "true"]).Stderr, StringComparison.Ordinal);
        daemon.Docker("rm -f donor closed").Ok();
    }

    [Fact]
    public void WhatMayChangeDoesAtSighup()
    {
        try
        {
            Assert.Equal("[\"tier=one\"]", Info("Labels"));
            Reload("""{ "labels": ["tier=two"], "default-shm-size": 4194304, "insecure-registries": ["reg.example:5000"], "registry-mirrors": ["https://mirror.example/"], "features": { "cdi": false }, "debug": true, "max-concurrent-downloads": 9 }""");
            Eventually.True(() => Info("Labels") == "[\"tier=two\"]", "the labels stay");
            Assert.Contains("reg.example:5000", Info("RegistryConfig"), StringComparison.Ordinal);
            Assert.Contains("https://mirror.example/", Info("RegistryConfig"), StringComparison.Ordinal);
            Assert.Equal("4096", daemon.Tare(["run", "--rm", "busybox", "sh", "-c", "df -k /dev/shm | tail -1 | awk '{print $2}'"]).Ok().Text);
            string now = DateTimeOffset.UtcNow.AddSeconds(1).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
            string text = daemon.Docker(["events", "--since", "1h", "--until", now, "--filter", "type=daemon", "--filter", "event=reload", "--format", "{{json .Actor}}"]).Ok().Text.Split('\n')[^1];
            using JsonDocument actor = JsonDocument.Parse(text);
            JsonElement told = actor.RootElement.GetProperty("Attributes");
            (string Name, string Value)[] expected =
            [
                ("labels", "[\"tier=two\"]"), ("debug", "true"), ("default-shm-size", "4194304"), ("max-concurrent-downloads", "9"), ("features", "map[cdi:false]"), ("insecure-registries", "[\"reg.example:5000\"]"),
            ];
            Assert.Equal(expected, expected.Select(e => (e.Name, told.GetProperty(e.Name).GetString()!)));

            // A faulty file changes nothing.
            Reload("""{ "labels": ["tier=three"], "nonsense": 1 }""");
            Eventually.True(() => daemon.DaemonLog.Contains("don't match any configuration option: nonsense", StringComparison.Ordinal), "the fault is not told");
            Assert.Equal("[\"tier=two\"]", Info("Labels"));
        }
        finally
        {
            Reload(ConfiguredDaemon.First);
            Eventually.True(() => Info("Labels") == "[\"tier=one\"]", "the labels do not come back");
        }
    }

    [Theory]
    [InlineData("""{ "debug": true }""", 0, "configuration OK")]
    [InlineData("""{ "debug": true, "foo": 1, "bar": { "x": 2 } }""", 1, "unable to configure the Docker daemon with file FILE: the following directives don't match any configuration option: foo, x")]
    [InlineData("""{ "labels": ["a"] }""", 1, "unable to configure the Docker daemon with file FILE: merged configuration validation from file and command line flags failed: bad attribute format: a")]
    [InlineData("""{ "default-ipc-mode": "foo" }""", 1, "unable to configure the Docker daemon with file FILE: merged configuration validation from file and command line flags failed: default IPC mode setting (foo) is invalid; use \"shareable\" or \"private\"")]
    [InlineData("""{ "max-concurrent-downloads": -1 }""", 1, "unable to configure the Docker daemon with file FILE: merged configuration validation from file and command line flags failed: invalid max concurrent downloads: -1")]
    [InlineData("""{ "default-shm-size": "x" }""", 1, "unable to configure the Docker daemon with file FILE: invalid JSON: invalid size: 'x'")]
    [InlineData("""{ "labels": ["a=b", "a=c"] }""", 1, "conflict labels for a=c and a=b")]
    [InlineData("""{ "live-restore": false, "userns-remap": "default" }""", 0, "configuration OK")]
    [InlineData("""{ "ipv6": true }""", 1, "ipv6, fixed-cidr-v6, bip6, default-gateway-v6: the default bridge has no IPv6 here")]
    [InlineData("""{ "runtimes": { "kata": {} } }""", 1, "runtimes: only tare-runtime runs containers here, not kata")]
    public void ValidateTellsWhatIsWrong(string json, int code, string message)
    {
        string file = $"{daemon.Root}/validated-{Guid.NewGuid():N}.json";
        File.WriteAllText(file, json);
        CommandResult result = Command.Run(Programs.Tared, ["--validate", "--config-file", file]);
        Assert.Equal((code, message.Replace("FILE", file, StringComparison.Ordinal)), (result.ExitCode, result.Stderr.Trim()));
    }

    private string Info(string field) => daemon.Docker(["info", "--format", $"{{{{json .{field}}}}}"]).Ok().Text;

    private void Reload(string json)
    {
        File.WriteAllText(daemon.File, json);
        Command.Run("/bin/kill", ["-HUP", daemon.DaemonPid.ToString(System.Globalization.CultureInfo.InvariantCulture)]).Ok();
    }
}
