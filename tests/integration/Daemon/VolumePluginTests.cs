using System.Diagnostics;
using System.Globalization;

namespace Tare.IntegrationTests.Daemon;

/// <summary>Volume plugins: found by file, and told of the end of a mount although the daemon was not there at a container's end.</summary>
public sealed class VolumePluginTests : IDisposable
{
    private const string Folder = "/etc/docker/plugins";
    private readonly string _driver = $"tare-it-{Environment.ProcessId}";
    private readonly bool _madeFolder = !Directory.Exists(Folder);
    private readonly DaemonFixture _daemon = new();
    private readonly VolumePluginServer _plugin;

    public VolumePluginTests()
    {
        _plugin = new VolumePluginServer(_daemon.Root + "/plugin");
        Directory.CreateDirectory(Folder);
        File.WriteAllText($"{Folder}/{_driver}.spec", $"unix://{_plugin.SocketPath}\n");
    }

    public void Dispose()
    {
        _daemon.Dispose();
        _plugin.Dispose();
        File.Delete($"{Folder}/{_driver}.spec");
        if (_madeFolder)
        {
            Directory.Delete(Folder);
        }
    }

    [Fact]
    public void AMountEndsWithItsContainerThoughTheDaemonWasAway()
    {
        _daemon.Tare($"run -d --name long --volume-driver {_driver} -v data:/data busybox sleep 1000").Ok();
        Assert.Single(_plugin.Mounts);
        int pid = int.Parse(_daemon.Tare(["inspect", "-f", "{{.State.Pid}}", "long"]).Ok().Text, CultureInfo.InvariantCulture);
        _daemon.KillDaemon();
        using (Process init = Process.GetProcessById(pid))
        {
            init.Kill();
        }

        _daemon.StartDaemon();
        Eventually.True(() => _plugin.Mounts.IsEmpty, "the plugin still holds the volume");
        _daemon.Tare("rm long").Ok();
        Assert.Contains("data", _daemon.Tare("volume ls -q").Ok().Text, StringComparison.Ordinal);
        _daemon.Tare("volume rm data").Ok();
        Assert.Contains("Remove data", _plugin.Calls);
    }

    [Fact]
    public void APluginIsSpokenToOverTls()
    {
        string name = _driver + "-tls";
        string place = $"{Folder}/{name}.json";
        TlsFiles.Write(_daemon.Root);
        using VolumePluginServer secure = new(_daemon.Root + "/secure", _daemon.Root);
        string Place(string authority) => $$"""{"Name":"{{name}}","Addr":"https://localhost:{{secure.Port}}","TLSConfig":{"CAFile":"{{authority}}","CertFile":"{{_daemon.Root}}/cert.pem","KeyFile":"{{_daemon.Root}}/key.pem"} }""";
        try
        {
            File.WriteAllText(place, Place(_daemon.Root + "/ca.pem"));
            _daemon.Tare($"run --rm --volume-driver {name} -v safe:/data busybox touch /data/file").Ok();
            Assert.True(File.Exists(_daemon.Root + "/secure/safe/file"));
            _daemon.Tare("volume rm safe").Ok();
            File.WriteAllText(place, Place(_daemon.Root + "/cert.pem"));
            Assert.Contains("certificate", _daemon.Tare($"volume create -d {name} unsafe").Exits(1).Stderr, StringComparison.OrdinalIgnoreCase);
        }
        finally
        {
            File.Delete(place);
        }
    }

    [Fact]
    public void APluginThatIsGoneIsAnErrorNotAHang()
    {
        _daemon.Tare($"volume create -d {_driver} lost").Ok();
        _daemon.Tare("create --name loser -v lost:/data busybox true").Ok();
        File.Delete($"{Folder}/{_driver}.spec");
        Assert.Contains($"plugin \"{_driver}\" not found", _daemon.Tare("start loser").Stderr, StringComparison.Ordinal);
        _daemon.Tare("rm loser").Ok();
        _daemon.Tare("volume rm -f lost").Ok();
    }
}
