using System.Formats.Tar;
using System.Security.Cryptography;

namespace Tare.IntegrationTests.Images;

/// <summary>Layers and registries that are broken or mean harm: a clear error, nothing outside the layer, nothing left.</summary>
public sealed class HostileImageTests(DaemonFixture daemon) : IClassFixture<DaemonFixture>
{
    private static readonly byte[] s_large = RandomNumberGenerator.GetBytes(3 << 20);

    [Theory]
    [InlineData("../../../../../../../../tmp/tare-escaped")]
    [InlineData("/tmp/tare-escaped")]
    [InlineData("a/../../../../../../../../tmp/tare-escaped")]
    public void EntriesCannotLeaveTheLayer(string path)
    {
        byte[] tar = Tar(writer => writer.WriteEntry(File(path)));
        Pull(new ImageBlobs().Layer(tar));
        Assert.False(System.IO.File.Exists("/tmp/tare-escaped"));
    }

    [Fact]
    public void SymbolicLinksCannotLeadOut()
    {
        byte[] tar = Tar(writer =>
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "out") { LinkName = "/tmp" });
            writer.WriteEntry(File("out/tare-escaped"));
            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "up") { LinkName = "../../../../../../../tmp" });
            writer.WriteEntry(File("up/tare-escaped"));
        });
        Pull(new ImageBlobs().Layer(tar));
        Assert.False(System.IO.File.Exists("/tmp/tare-escaped"));
    }

    [Fact]
    public void HardLinksCannotReachOut()
    {
        string secret = Path.Combine(daemon.Root, "secret");
        System.IO.File.WriteAllText(secret, "secret");
        byte[] tar = Tar(writer => writer.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "stolen") { LinkName = "../../../../../../../../" + secret }));
        CommandResult result = Pull(new ImageBlobs().Layer(BusyboxRoot.Tar).Layer(tar));
        Assert.NotEqual(0, result.ExitCode);
        // The download of the other layer may have been given up, and waits for the next pull.
        daemon.Tare("image prune -f").Ok();
        AssertNothingLeft();
    }

    [Fact]
    public void TruncatedLayer()
    {
        byte[] tar = Tar(writer => writer.WriteEntry(File("big", s_large)));
        byte[] half = ImageBlobs.Gzip(tar)[..(1 << 20)];
        CommandResult result = Pull(new ImageBlobs().RawLayer(half, ImageBlobs.DigestOf(tar)));
        Assert.Equal(1, result.ExitCode);
        AssertNothingLeft();
    }

    [Fact]
    public void LayerWithAnotherDigest()
    {
        byte[] tar = Tar(writer => writer.WriteEntry(File("big", s_large)));
        CommandResult result = Pull(new ImageBlobs().RawLayer(ImageBlobs.Gzip(tar), ImageBlobs.DigestOf(tar), digest: "sha256:" + new string('a', 64)));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("sha256:" + new string('a', 12), result.Stderr, StringComparison.Ordinal);
        AssertNothingLeft();
    }

    [Fact]
    public void LayerWithAnotherDiffId()
    {
        byte[] tar = Tar(writer => writer.WriteEntry(File("big", s_large)));
        CommandResult result = Pull(new ImageBlobs().RawLayer(ImageBlobs.Gzip(tar), "sha256:" + new string('b', 64)));
        Assert.Equal(1, result.ExitCode);
        AssertNothingLeft();
    }

    [Fact]
    public void DroppedConnectionIsTriedAgain()
    {
        byte[] tar = Tar(writer => writer.WriteEntry(File("big", s_large)));
        CommandResult result = Pull(new ImageBlobs().Layer(BusyboxRoot.Tar).Layer(tar), cuts: 2);
        result.Ok();
    }

    [Fact]
    public void ConnectionThatAlwaysDropsIsAnError()
    {
        byte[] tar = Tar(writer => writer.WriteEntry(File("big", s_large)));
        Assert.Equal(1, Pull(new ImageBlobs().Layer(tar), cuts: int.MaxValue).ExitCode);
        // What came waits for the next pull.
        Assert.Single(Directory.GetFileSystemEntries(Path.Combine(daemon.DataRoot, "content", "ingest")));
        daemon.Tare("image prune -f").Ok();
        AssertNothingLeft();
    }

    [Fact]
    public void RegistryThatAnswersHtml()
    {
        using FaultyRegistry registry = new(new ImageBlobs().Finish()) { Always = (200, "<html>login</html>") };
        CommandResult result = daemon.Tare(["pull", registry.Host + "/x:v1"], timeout: TimeSpan.FromSeconds(60)).Exits(1);
        Assert.NotEqual("", result.Stderr);
    }

    private CommandResult Pull(ImageBlobs image, int cuts = 0)
    {
        using FaultyRegistry registry = new(image.Finish("amd64", "true"), cuts);
        CommandResult result = daemon.Tare(["pull", registry.Host + "/hostile:v1"], timeout: TimeSpan.FromSeconds(120));
        if (result.ExitCode == 0)
        {
            daemon.Tare($"rmi {registry.Host}/hostile:v1").Ok();
        }

        return result;
    }

    private void AssertNothingLeft()
    {
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(daemon.DataRoot, "content", "ingest")));
        string staging = Path.Combine(daemon.DataRoot, "layers", ".staging");
        Assert.True(!Directory.Exists(staging) || Directory.GetFileSystemEntries(staging).Length == 0, "a half-made layer is left");
        Assert.Single(daemon.Tare("images -q").Ok().Text.Split('\n'));
    }

    private static PaxTarEntry File(string path, byte[]? content = null)
        => new(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(content ?? "escaped"u8.ToArray()) };

    private static byte[] Tar(Action<TarWriter> write)
    {
        using MemoryStream stream = new();
        using (TarWriter tar = new(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            write(tar);
        }

        return stream.ToArray();
    }
}
