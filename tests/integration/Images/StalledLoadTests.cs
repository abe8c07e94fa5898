using System.Diagnostics;
using System.Formats.Tar;
using System.Text;

namespace Tare.IntegrationTests.Images;

/// <summary>A load whose archive comes slowly, or never ends, is nobody else's business.</summary>
public sealed class StalledLoadTests : IDisposable
{
    private readonly DaemonFixture _daemon = new();
    private readonly ImageBlobs _loaded = Image("loaded");

    public void Dispose() => _daemon.Dispose();

    [Theory]
    [InlineData("a layer")]
    [InlineData("half a layer")]
    public async Task OthersPullRunAndRemoveMeanwhile(string until)
    {
        byte[] archive = Archive(_loaded, out int layer, out int half);
        using Process load = Command.Start(Programs.Docker, ["-H", $"unix://{_daemon.Socket}", "load"]);
        int sent = until == "a layer" ? layer : half;
        await load.StandardInput.BaseStream.WriteAsync(archive.AsMemory(0, sent), TestContext.Current.CancellationToken);
        await load.StandardInput.BaseStream.FlushAsync(TestContext.Current.CancellationToken);
        Eventually.True(() => HasArrived(until), "nothing of the load arrives");

        ImageBlobs other = Image("other");
        using FaultyRegistry registry = new(other);
        string name = $"{registry.Host}/x/other:v1";
        TimeSpan patience = TimeSpan.FromSeconds(20);
        _daemon.Docker(["pull", name], timeout: patience).Ok();
        Assert.Equal("other", _daemon.Docker(["run", "--rm", "--net", "none", name], timeout: patience).Ok().Text);
        _daemon.Docker(["create", "--name", "made", "busybox", "true"], timeout: patience).Ok();
        _daemon.Docker(["rm", "made"], timeout: patience).Ok();
        _daemon.Docker(["rmi", name], timeout: patience).Ok();
        Eventually.True(() => other.Blobs.Keys.All(digest => !HasBlob(digest) || _loaded.Blobs.ContainsKey(digest)), "what was removed stays on the disk until the load ends");
        _daemon.Docker(["image", "prune", "-f"], timeout: patience).Ok();

        await load.StandardInput.BaseStream.WriteAsync(archive.AsMemory(sent), TestContext.Current.CancellationToken);
        load.StandardInput.Close();
        string output = await load.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await load.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(load.ExitCode == 0, output + await load.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Equal("loaded", _daemon.Docker("run --rm --net none team/loaded:v1").Ok().Text);
        _daemon.Tare("system check").Ok();
    }

    [Theory]
    [InlineData("a layer")]
    [InlineData("half a layer")]
    public async Task AClientThatVanishesLeavesNothing(string until)
    {
        SortedSet<string> before = DataRoot();
        byte[] archive = Archive(_loaded, out int layer, out int half);
        using Process load = Command.Start(Programs.Docker, ["-H", $"unix://{_daemon.Socket}", "load"]);
        await load.StandardInput.BaseStream.WriteAsync(archive.AsMemory(0, until == "a layer" ? layer : half), TestContext.Current.CancellationToken);
        await load.StandardInput.BaseStream.FlushAsync(TestContext.Current.CancellationToken);
        Eventually.True(() => HasArrived(until), "nothing of the load arrives");
        load.Kill();
        await load.WaitForExitAsync(TestContext.Current.CancellationToken);
        Eventually.True(() => DataRoot().SetEquals(before), () => "left: " + string.Join(", ", DataRoot().Except(before)));
        _daemon.Tare("system check").Ok();
    }

    private static ImageBlobs Image(string word)
    {
        byte[] noise = new byte[2 << 20];
        new Random(word.Length).NextBytes(noise);
        return new ImageBlobs().Layer(BusyboxRoot.Tar).Layer(PullTests.TarOf(("word", word), ("noise", Convert.ToBase64String(noise)))).Finish("amd64", "cat", "/word");
    }

    // An OCI layout whose layers come first.
    private static byte[] Archive(ImageBlobs image, out int layer, out int half)
    {
        using MemoryStream stream = new();
        using TarWriter tar = new(stream, TarEntryFormat.Ustar, leaveOpen: true);
        (layer, half) = (0, 0);
        foreach ((string digest, byte[] blob) in image.Blobs)
        {
            half = blob.Length > 1 << 20 ? (int)stream.Length + (blob.Length / 2) : half;
            Add(tar, "blobs/sha256/" + digest["sha256:".Length..], blob);
            layer = blob.Length > 1 << 20 ? (int)stream.Length : layer;
        }

        string manifest = ImageBlobs.DigestOf(image.Manifest);
        Add(tar, "blobs/sha256/" + manifest["sha256:".Length..], image.Manifest);
        Add(tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}"u8.ToArray());
        Add(tar, "index.json", Encoding.UTF8.GetBytes(
            $$$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{{ImageBlobs.OciManifest}}}","digest":"{{{manifest}}}","size":{{{image.Manifest.Length}}},"annotations":{"io.containerd.image.name":"docker.io/team/loaded:v1"}}]}"""));
        tar.Dispose();
        return stream.ToArray();
    }

    private static void Add(TarWriter tar, string path, byte[] content) => tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(content) });

    private bool HasBlob(string digest) => File.Exists($"{_daemon.DataRoot}/content/sha256/{digest["sha256:".Length..]}");

    private bool HasArrived(string until) => until == "a layer"
        ? _loaded.Blobs.Any(blob => blob.Value.Length > 1 << 20 && HasBlob(blob.Key)) && Directory.GetDirectories($"{_daemon.DataRoot}/layers/.staging").Length == 2
        : Directory.GetFiles($"{_daemon.DataRoot}/content/ingest").Any(file => new FileInfo(file).Length > 256 * 1024);

    // All that has an inode; SQLite's own files come and go with its connections.
    private SortedSet<string> DataRoot() => new(
        Directory.EnumerateFileSystemEntries(_daemon.DataRoot, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(static path => !Path.GetFileName(path).StartsWith("tare.db-", StringComparison.Ordinal)),
        StringComparer.Ordinal);
}
