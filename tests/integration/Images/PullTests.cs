using System.Formats.Tar;
using System.Text;

namespace Tare.IntegrationTests.Images;

/// <summary>Pull from Debian's docker-registry: every kind of layer and manifest that the field has.</summary>
public sealed class PullTests : IClassFixture<DaemonFixture>, IDisposable
{
    private readonly DaemonFixture _daemon;
    private readonly Registry _registry;

    public PullTests(DaemonFixture daemon)
    {
        _daemon = daemon;
        _registry = new Registry($"{daemon.Root}/registry-{Guid.NewGuid():N}");
    }

    public void Dispose() => _registry.Dispose();

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("")]
    public void LayersOfEveryCompression(string compression)
    {
        string name = $"{_registry.Host}/team/c{compression}";
        _registry.Push($"team/c{compression}", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar, compression).Layer(TarOf(("hello", "from the second layer")), compression).Finish("amd64", "cat", "/hello"));
        CommandResult pull = _daemon.Tare($"pull {name}:v1").Ok();
        Assert.Contains("Digest: sha256:", pull.Stdout, StringComparison.Ordinal);
        Assert.Contains($"Status: Downloaded newer image for {name}:v1", pull.Stdout, StringComparison.Ordinal);
        Assert.Equal("from the second layer", _daemon.Tare($"run --rm {name}:v1").Ok().Text);
        Assert.Contains("Image is up to date", _daemon.Tare($"pull {name}:v1").Ok().Stdout, StringComparison.Ordinal);
        _daemon.Tare($"rmi {name}:v1").Ok();
    }

    [Fact]
    public void RunPullsWhatIsMissing()
    {
        _registry.Push("team/auto", "latest", new ImageBlobs().Layer(BusyboxRoot.Tar).Finish("amd64", "echo", "pulled"));
        CommandResult result = _daemon.Tare($"run --rm {_registry.Host}/team/auto").Ok();
        Assert.Equal("pulled", result.Text);
        Assert.Contains($"Unable to find image '{_registry.Host}/team/auto:latest' locally", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void IndexGivesThePlatformOfThisMachine()
    {
        ImageBlobs other = new ImageBlobs().Layer(BusyboxRoot.Tar).Finish("s390x", "echo", "wrong");
        ImageBlobs mine = new ImageBlobs().Layer(BusyboxRoot.Tar).Finish(Architecture, "echo", "right");
        _registry.Push("team/multi", "other", other);
        _registry.Push("team/multi", "mine", mine);
        _registry.PushManifest("team/multi", "all", ImageBlobs.Index((other, "s390x"), (mine, Architecture)), ImageBlobs.OciIndex);
        Assert.Equal("right", _daemon.Tare($"run --rm {_registry.Host}/team/multi:all").Ok().Text);

        _registry.PushManifest("team/multi", "none", ImageBlobs.Index((other, "s390x")), ImageBlobs.OciIndex);
        Assert.Contains("no matching manifest for linux/", _daemon.Tare($"pull {_registry.Host}/team/multi:none").Exits(1).Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void ByDigest()
    {
        ImageBlobs image = new ImageBlobs().Layer(BusyboxRoot.Tar).Finish("amd64", "true");
        _registry.Push("team/digest", "v1", image);
        _daemon.Tare($"pull {_registry.Host}/team/digest@{ImageBlobs.DigestOf(image.Manifest)}").Ok();
        _daemon.Tare($"run --rm {_registry.Host}/team/digest@{ImageBlobs.DigestOf(image.Manifest)}").Ok();
    }

    [Fact]
    public void WhiteoutsHideWhatIsBelow()
    {
        byte[] upper = TarOf(("etc/.wh.group", ""), ("home/.wh..wh..opq", ""), ("home/new", "n"));
        _registry.Push("team/white", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar).Layer(upper).Finish("amd64", "sh", "-c", "ls /etc; ls /home"));
        string[] lines = _daemon.Tare($"run --rm {_registry.Host}/team/white:v1").Ok().Text.Split('\n');
        Assert.DoesNotContain("group", lines);
        Assert.Contains("passwd", lines);
        Assert.Contains("new", lines);
        Assert.DoesNotContain("user", lines);
    }

    [Fact]
    public void WhiteoutsAreAboutTheLayersBelowInWhateverOrderTheyCome()
    {
        byte[] lower = TarOf(("one/old", "1"), ("two/old", "1"), ("three/old", "1"), ("four", "old"), ("five/old", "1"));
        byte[] upper = TarOf(
            ("one/.wh.old", ""), (".wh.one", ""), // gone with all in it
            (".wh.two", ""), ("two/.wh.old", ""), ("two/deep/.wh.old", ""), // the same, told from above
            (".wh.three", ""), ("three/new", "3"), // deleted and made anew
            ("four", "new"), (".wh.four", ""), // there all the same
            (".wh.five", ""), ("five", "a file now"), ("five/.wh.old", ""));
        _registry.Push("team/orders", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar).Layer(lower).Layer(upper)
            .Finish("amd64", "sh", "-c", "ls -d /one /two 2>/dev/null; ls /three; cat /four /five"));
        Assert.Equal("new\nnewa file now", _daemon.Tare($"run --rm {_registry.Host}/team/orders:v1").Ok().Text);
    }

    [Fact]
    public void UnknownTagAndRepository()
    {
        _registry.Push("team/known", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar).Finish());
        Assert.Contains("manifest unknown", _daemon.Tare($"pull {_registry.Host}/team/known:v2").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.NotEqual("", _daemon.Tare($"pull {_registry.Host}/team/unknown:v2").Exits(1).Stderr);
    }

    private static string Architecture => System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    internal static byte[] TarOf(params (string Path, string Content)[] files)
    {
        using MemoryStream stream = new();
        using (TarWriter tar = new(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach ((string path, string content) in files)
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) });
            }
        }

        return stream.ToArray();
    }
}
