using System.Diagnostics;
using System.Globalization;

namespace Tare.IntegrationTests.Daemon;

/// <summary>The size of a container's writable layer: it holds whatever the container does, and whoever dies.</summary>
public sealed class LayerSizeTests : IClassFixture<DaemonFixture>, IDisposable
{
    private const long Limit = 20L << 20;
    private readonly DaemonFixture _daemon;

    public LayerSizeTests(DaemonFixture daemon) => _daemon = daemon;

    public void Dispose()
    {
        string[] containers = _daemon.Tare("ps -aq").Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (containers.Length > 0)
        {
            _daemon.Tare(["rm", "-f", .. containers]).Ok();
        }

        Eventually.True(() => Servers().Count == 0, "a layer's server is left");
    }

    [Fact]
    public void WritingEndsAtTheLimitAndDeletingFrees()
    {
        _daemon.Docker("run -d --name full --storage-opt size=20m busybox sleep 1000").Ok();
        Assert.Equal("map[size:20m]", _daemon.Docker(["inspect", "-f", "{{.HostConfig.StorageOpt}}", "full"]).Ok().Text);
        Assert.Equal("20480", Run("full", "df -k / | tail -1 | awk '{print $2}'").Ok().Text);
        Assert.Contains("No space left on device", Run("full", "dd if=/dev/urandom of=/big bs=1M count=40").Stderr, StringComparison.Ordinal);
        Assert.InRange(OnDisk("full"), Limit - (128 << 10), Limit);
        Run("full", "dd if=/dev/urandom of=/big bs=4k count=100 conv=notrunc").Ok();
        Assert.NotEqual(0, Run("full", "mkdir /one-more").ExitCode);
        // A full container is started again, and names of the image can be removed in it.
        _daemon.Docker("restart -t 0 full").Ok();
        Run("full", "rm /bin/wget && rm /big && mkdir /one-more && dd if=/dev/zero of=/big bs=1M count=15").Ok();
        Assert.InRange(OnDisk("full"), 15L << 20, Limit);
    }

    [Fact]
    public void EmptyFilesSparseFilesAndFilesWithoutNamesCount()
    {
        _daemon.Tare("run -d --name odd --storage-opt size=5m busybox sleep 1000").Ok();
        Run("odd", "truncate -s 1G /sparse && dd if=/dev/urandom of=/sparse bs=4k count=10 seek=1000 conv=notrunc").Ok();
        Run("odd", "ln /sparse /second && mv /second /third").Ok();
        CommandResult many = Run("odd", "mkdir /m; i=0; while true > /m/$i; do i=$((i+1)); done 2>/dev/null; echo $i");
        Assert.InRange(int.Parse(many.Stdout.Trim(), CultureInfo.InvariantCulture), 2000, 10240);
        Run("odd", "rm -rf /m").Ok();
        // A file that is open stays in the account without a name, and goes with its last user.
        CommandResult open = Run("odd", "exec 3>/gone; dd if=/dev/zero bs=1M count=4 >&3; rm /gone; dd if=/dev/zero of=/more bs=1M count=4");
        Assert.Contains("No space left on device", open.Stderr, StringComparison.Ordinal);
        Eventually.True(() => Run("odd", "dd if=/dev/zero of=/more bs=1M count=4").ExitCode == 0, "what was open is not free");
    }

    [Fact]
    public void TheSizeChangesWhileTheContainerRuns()
    {
        _daemon.Docker(["run", "-d", "--name", "label", "--label", "tare.storage.size=4m", "busybox", "sleep", "1000"]).Ok();
        Assert.NotEqual(0, Run("label", "dd if=/dev/zero of=/x bs=1M count=8").ExitCode);
        _daemon.Tare("update --storage-opt size=10m label").Ok();
        Run("label", "dd if=/dev/zero of=/x bs=1M count=8").Ok();
        _daemon.Docker("restart -t 0 label").Ok();
        Assert.Equal("10240", Run("label", "df -k / | tail -1 | awk '{print $2}'").Ok().Text);
        Assert.Equal("map[size:10m]", _daemon.Docker(["inspect", "-f", "{{.HostConfig.StorageOpt}}", "label"]).Text);

        _daemon.Tare("run -d --name unlimited busybox sleep 1000").Ok();
        Assert.Contains("only while it does not run", _daemon.Tare("update --storage-opt size=10m unlimited").Stderr, StringComparison.Ordinal);
        _daemon.Tare("stop -t 0 unlimited").Ok();
        _daemon.Tare("update --storage-opt size=10m unlimited").Ok();
        _daemon.Tare("start unlimited").Ok();
        Assert.NotEqual(0, Run("unlimited", "dd if=/dev/zero of=/x bs=1M count=12").ExitCode);
    }

    [Fact]
    public void WrongOnesAreRefusedInDockersWords()
    {
        Assert.Contains("invalid size: 'much'", _daemon.Docker("run --rm --storage-opt size=much busybox true").Stderr, StringComparison.Ordinal);
        Assert.Contains("Unknown option colour", _daemon.Docker("run --rm --storage-opt colour=red busybox true").Stderr, StringComparison.Ordinal);
        _daemon.Tare("create --name plain busybox true").Ok();
        Assert.Contains("invalid size: '-5'", _daemon.Tare("update --storage-opt size=-5 plain").Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void ACopyIntoAStoppedContainerHoldsToo()
    {
        string file = Path.Combine(_daemon.Root, "random");
        File.WriteAllBytes(file, Random());
        _daemon.Docker("create --name still --storage-opt size=20m busybox cat /small").Ok();
        CommandResult copy = _daemon.Docker(["cp", file, "still:/big"]);
        Assert.Contains("write /big: no space left on device", copy.Stderr, StringComparison.Ordinal);
        Assert.InRange(OnDisk("still"), 1, Limit);
        File.WriteAllText(file, "small");
        _daemon.Docker("create --name other --storage-opt size=20m busybox cat /small").Ok();
        _daemon.Docker(["cp", file, "other:/small"]).Ok();
        Assert.Equal("small", _daemon.Docker("start -a other").Ok().Text);
        Assert.Equal("A /small", _daemon.Docker("diff other").Ok().Text);
    }

    [Fact]
    public void NeitherDeathOfTheDaemonNorOfTheServerLetsMoreBeWritten()
    {
        _daemon.Tare("run -d --name tough --storage-opt size=20m busybox sleep 1000").Ok();
        _daemon.KillDaemon();
        int server = Assert.Single(Servers());
        _daemon.StartDaemon();
        Run("tough", "echo kept > /kept").Ok();
        Assert.NotEqual(0, Run("tough", "dd if=/dev/zero of=/x bs=1M count=40").ExitCode);
        Assert.InRange(OnDisk("tough"), 1, Limit);
        _daemon.Tare("update --storage-opt size=30m tough").Ok();
        Run("tough", "dd if=/dev/zero of=/x bs=1M count=25").Ok();
        using (Process process = Process.GetProcessById(server))
        {
            process.Kill();
        }

        Assert.NotEqual(0, Run("tough", "echo lost > /lost").ExitCode);
        _daemon.Tare("restart -t 0 tough").Ok();
        Assert.Equal("kept", Run("tough", "cat /kept").Ok().Text);
        Assert.NotEqual(0, Run("tough", "dd if=/dev/zero of=/y bs=1M count=40").ExitCode);
        _daemon.Tare("rm -f tough").Ok();
        Eventually.True(() => Servers().Count == 0, "a layer's server is left");
        Assert.DoesNotContain("fuse", string.Concat(File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(_daemon.Root, StringComparison.Ordinal))), StringComparison.Ordinal);
    }

    [Fact]
    public void TheSameChangesMakeTheSameLayer()
    {
        const string Changes = "mkdir -p /t/sub /opq && cp /bin/busybox /t/ && ln /t/busybox /t/hard && ln -s ../x /t/soft && mkfifo -m 600 /t/fifo && chown 5:6 /t/sub && chmod 2775 /t/sub"
            + " && chown -h 7:8 /t/soft && chmod 4711 /t/busybox && rm /bin/wget && mv /bin/vi /bin/vim && rm -rf /home && mkdir /home && echo h > /home/h && chmod 700 /root && touch /bin/ls"
            + " && truncate -s 1M /t/sparse && echo end >> /t/sparse && touch -h -d @1000000 /t/* /t /bin/* /bin /home/h /home /root /opq /etc /dev /proc /sys /tmp /";
        List<string> layers = [];
        foreach (string option in (ReadOnlySpan<string>)["", "--storage-opt size=50m"])
        {
            string name = option.Length == 0 ? "free" : "held";
            _daemon.Docker([.. $"create --name {name} --network none {option}".Split(' ', StringSplitOptions.RemoveEmptyEntries), "busybox", "sh", "-c", Changes]).Ok();
            _daemon.Docker($"start -a {name}");
            _daemon.Docker($"commit {name} committed-{name}").Ok();
            layers.Add(_daemon.Docker(["inspect", "-f", "{{index .RootFS.Layers 1}}", $"committed-{name}"]).Ok().Text);
        }

        Assert.Equal(_daemon.Docker("diff free").Ok().Text.Split('\n').Order(), _daemon.Docker("diff held").Ok().Text.Split('\n').Order());
        Assert.Equal(_daemon.Docker("export free").Ok().Stdout.Length, _daemon.Docker("export held").Ok().Stdout.Length);
        Assert.Equal(layers[0], layers[1]);
    }

    private static byte[] Random()
    {
        byte[] bytes = new byte[30 << 20];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private CommandResult Run(string container, string script) => _daemon.Tare(["exec", container, "sh", "-c", script]);

    private long OnDisk(string container)
    {
        string id = _daemon.Docker(["inspect", "-f", "{{.Id}}", container]).Ok().Text;
        string text = Command.Run("/usr/bin/du", ["-sk", $"{_daemon.DataRoot}/containers/{id}/upper"]).Ok().Text;
        return long.Parse(text.Split('\t')[0], CultureInfo.InvariantCulture) << 10;
    }

    private List<int> Servers() => [.. Process.GetProcessesByName("tare-runtime").Where(IsServer).Select(static process => process.Id)];

    private bool IsServer(Process process)
    {
        try
        {
            string line = File.ReadAllText($"/proc/{process.Id}/cmdline");
            return line.Contains("\0layer\0", StringComparison.Ordinal) && line.Contains(_daemon.Root, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return false;
        }
    }
}
