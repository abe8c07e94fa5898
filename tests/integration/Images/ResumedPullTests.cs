using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Tare.IntegrationTests.Images;

/// <summary>A pull that was broken off by a kill, by its client or by the registry is not in vain, and what it left is bounded.</summary>
public sealed class ResumedPullTests : IDisposable
{
    private const int Sent = 3 << 20;
    private readonly DaemonFixture _daemon = new();
    private readonly ImageBlobs _image;
    private readonly string _blob; // the large layer's, hexadecimal

    public ResumedPullTests()
    {
        byte[] noise = new byte[6 << 20];
        new Random(11).NextBytes(noise);
        byte[] layer = PullTests.TarOf(("noise", Convert.ToBase64String(noise)));
        _image = new ImageBlobs().Layer(layer, "").Layer(BusyboxRoot.Tar).Finish("amd64", "sh", "-c", "wc -c < /noise");
        _blob = ImageBlobs.DigestOf(layer)["sha256:".Length..];
    }

    private string Part => $"{_daemon.DataRoot}/content/ingest/{_blob}";

    private static string Noise => $"{(((6 << 20) + 2) / 3) * 4}"; // base64

    public void Dispose() => _daemon.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AKillOfTheDaemon(bool resumes)
    {
        using FaultyRegistry registry = new(_image) { Resumes = resumes, HoldsAfter = Sent };
        using Process pull = Pull(registry);
        Eventually.True(() => PartSize() == Sent, () => $"the part has {PartSize()} bytes");
        _daemon.KillDaemon();
        pull.WaitForExit();
        _daemon.StartDaemon();
        Assert.Equal(Sent, PartSize());
        AssertNoLeftover();
        registry.HoldsAfter = null;
        _daemon.Tare($"pull {registry.Host}/x/big:v1").Ok();
        AssertSent(registry, resumes ? Sent : 0);
        AssertRuns(registry);
    }

    [Fact]
    public void AClientThatGoesAway()
    {
        using FaultyRegistry registry = new(_image) { Resumes = true, HoldsAfter = Sent };
        using (Process pull = Pull(registry))
        {
            Eventually.True(() => PartSize() == Sent, () => $"the part has {PartSize()} bytes");
            pull.Kill();
            pull.WaitForExit();
        }

        registry.HoldsAfter = null;
        _daemon.Tare($"pull {registry.Host}/x/big:v1").Ok();
        AssertSent(registry, Sent);
        AssertRuns(registry);
    }

    [Fact]
    public void ARegistryThatGoesAwayAndAnotherOfTheSameBlobs()
    {
        using (FaultyRegistry registry = new(_image, cuts: 100))
        {
            Assert.Contains("broke off", _daemon.Tare($"pull {registry.Host}/x/big:v1").Exits(1).Stderr, StringComparison.Ordinal);
        }

        long half = PartSize();
        Assert.True(half > 1 << 20);
        using FaultyRegistry other = new(_image) { Resumes = true };
        _daemon.Tare($"pull {other.Host}/x/big:v1").Ok();
        AssertSent(other, half);
        AssertRuns(other);
    }

    [Fact]
    public void AnotherContentUnderTheSameDigest()
    {
        BreakOff();
        byte[] content = _image.Blobs["sha256:" + _blob];
        content[^5000] ^= 1;
        using (FaultyRegistry liar = new(_image) { Resumes = true })
        {
            Assert.Contains($"verification failed for digest sha256:{_blob}", _daemon.Tare($"pull {liar.Host}/x/big:v1").Exits(1).Stderr, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(Part));
        AssertNoLeftover();
        content[^5000] ^= 1;
        using FaultyRegistry registry = new(_image) { Resumes = true };
        _daemon.Tare($"pull {registry.Host}/x/big:v1").Ok();
        AssertSent(registry, 0);
        AssertRuns(registry);
    }

    [Fact]
    public void PruneDropsWhatIsLeftAndAnotherPullIsNotDisturbed()
    {
        BreakOff();
        using JsonDocument usage = JsonDocument.Parse(Command.Run("/usr/bin/curl", ["-s", "--unix-socket", _daemon.Socket, "http://d/system/df"]).Ok().Stdout);
        using JsonDocument images = JsonDocument.Parse(Command.Run("/usr/bin/curl", ["-s", "--unix-socket", _daemon.Socket, "http://d/images/json"]).Ok().Stdout);
        Assert.Equal(images.RootElement.EnumerateArray().Sum(static image => image.GetProperty("Size").GetInt64()), usage.RootElement.GetProperty("LayersSize").GetInt64());
        string freed = _daemon.Tare("system prune -f").Ok().Stdout;
        string megabytes = freed.Split("Total reclaimed space: ")[1].Split("MB")[0];
        Assert.True(double.Parse(megabytes, CultureInfo.InvariantCulture) >= (Sent / 1e6) - 0.001, freed);
        Assert.Empty(Directory.GetFileSystemEntries($"{_daemon.DataRoot}/content/ingest"));

        using FaultyRegistry registry = new(_image) { Resumes = true, HoldsAfter = Sent };
        using Process pull = Pull(registry);
        Eventually.True(() => PartSize() == Sent, () => $"the part has {PartSize()} bytes");
        _daemon.Tare("image prune -af").Ok();
        Assert.Equal(Sent, PartSize());
        pull.Kill();
    }

    private void BreakOff()
    {
        using FaultyRegistry registry = new(_image) { HoldsAfter = Sent };
        using Process pull = Pull(registry);
        Eventually.True(() => PartSize() == Sent, () => $"the part has {PartSize()} bytes");
        pull.Kill();
        pull.WaitForExit();
        // The daemon notices on its own time.
        Eventually.True(() => Directory.GetFileSystemEntries($"{_daemon.DataRoot}/layers/.staging").Length == 0, "the unpacking does not end");
        AssertNoLeftover();
    }

    private Process Pull(FaultyRegistry registry) => Command.Start(Programs.Tare, ["-H", $"unix://{_daemon.Socket}", "pull", $"{registry.Host}/x/big:v1"]);

    private long PartSize() => new FileInfo(Part) is { Exists: true } file ? file.Length : -1;

    // The first byte that was asked for last, and that nothing before it came a second time.
    private void AssertSent(FaultyRegistry registry, long from)
    {
        (_, int first, int sent) = registry.Layers.Last(answer => answer.Digest.EndsWith(_blob, StringComparison.Ordinal));
        Assert.Equal(from, first);
        Assert.Equal(_image.Blobs["sha256:" + _blob].Length - from, sent);
    }

    private void AssertRuns(FaultyRegistry registry)
    {
        Assert.Equal(Noise, _daemon.Tare($"run --rm {registry.Host}/x/big:v1").Ok().Text);
        Assert.Empty(Directory.GetFileSystemEntries($"{_daemon.DataRoot}/content/ingest"));
        _daemon.Tare("system check").Ok();
    }

    // Blobs that came whole are told to have no image; the beginning of one is nothing to tell.
    private void AssertNoLeftover() => Assert.DoesNotContain("leftover", _daemon.Tare("system check").Stdout, StringComparison.Ordinal);
}
