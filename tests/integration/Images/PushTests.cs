namespace Tare.IntegrationTests.Images;

/// <summary>Push to Debian's docker-registry: what was pulled goes out unchanged, what was imported comes back as the same image.</summary>
public sealed class PushTests : IClassFixture<DaemonFixture>, IDisposable
{
    private readonly DaemonFixture _daemon;
    private readonly Registry _registry;

    public PushTests(DaemonFixture daemon)
    {
        _daemon = daemon;
        _registry = new Registry($"{daemon.Root}/registry-{Guid.NewGuid():N}");
    }

    public void Dispose() => _registry.Dispose();

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("")]
    public void APulledImageGoesOutAsItCame(string compression)
    {
        ImageBlobs image = new ImageBlobs().Layer(BusyboxRoot.Tar, compression).Layer(PullTests.TarOf(("hello", "there")), compression).Finish("amd64", "true");
        _registry.Push("from/here", "v1", image);
        _daemon.Tare($"pull -q {_registry.Host}/from/here:v1").Ok();
        using Registry other = new($"{_daemon.Root}/registry-{Guid.NewGuid():N}");
        _daemon.Tare($"tag {_registry.Host}/from/here:v1 {other.Host}/to/there:v2").Ok();
        CommandResult push = _daemon.Tare($"push {other.Host}/to/there:v2").Ok();
        Assert.StartsWith($"The push refers to repository [{other.Host}/to/there]\n", push.Stdout, StringComparison.Ordinal);
        Assert.EndsWith($"v2: digest: {ImageBlobs.DigestOf(image.Manifest)} size: {image.Manifest.Length}\n", push.Stdout, StringComparison.Ordinal);
        Assert.Equal(image.Manifest, other.Manifest("to/there", "v2"));
        _daemon.Tare($"rmi -f {_registry.Host}/from/here:v1 {other.Host}/to/there:v2").Ok();
    }

    [Fact]
    public void AnImportedImageComesBackTheSame()
    {
        string name = $"{_registry.Host}/team/imported:v1";
        string id = _daemon.Tare(["import", "-c", "CMD [\"/bin/echo\", \"back\"]", "-", name], BusyboxRoot.Tar).Ok().Text;
        CommandResult first = _daemon.Tare($"push {name}").Ok();
        byte[] manifest = _registry.Manifest("team/imported", "v1");
        Assert.Contains("application/vnd.oci.image.layer.v1.tar+gzip", System.Text.Encoding.UTF8.GetString(manifest), StringComparison.Ordinal);
        Assert.Contains("Pushed", first.Stdout, StringComparison.Ordinal);
        Assert.Contains("Layer already exists", _daemon.Tare($"push {name}").Ok().Stdout, StringComparison.Ordinal);
        Assert.Equal([$"{_registry.Host}/team/imported@{ImageBlobs.DigestOf(manifest)}"], _daemon.Tare(["inspect", "-f", "{{join .RepoDigests \",\"}}", name]).Ok().Text.Split(','));
        _daemon.Tare($"rmi {name}").Ok();
        Assert.Equal("back", _daemon.Tare($"run --rm {name}").Ok().Text);
        Assert.Equal(id, _daemon.Tare(["inspect", "-f", "{{.Id}}", name]).Ok().Text);
        _daemon.Tare($"rmi {name}").Ok();
    }

    [Fact]
    public void TheSameArchiveGivesTheSameManifestEachTime()
    {
        byte[][] manifests = [.. Enumerable.Range(0, 2).Select(i =>
        {
            string name = $"{_registry.Host}/team/again:v{i}";
            _daemon.Tare(["import", "-", name], BusyboxRoot.Tar).Ok();
            _daemon.Tare($"push -q {name}").Ok();
            _daemon.Tare($"rmi {name}").Ok();
            return _registry.Manifest("team/again", $"v{i}");
        })];
        string[] layers = [.. manifests.Select(manifest => System.Text.Json.JsonDocument.Parse(manifest).RootElement.GetProperty("layers")[0].GetProperty("digest").GetString()!)];
        Assert.Equal(layers[0], layers[1]);
    }

    [Fact]
    public void ALayerThatTheRegistryHasElsewhereIsMounted()
    {
        _registry.Push("base/image", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar).Finish());
        _daemon.Tare($"pull -q {_registry.Host}/base/image:v1").Ok();
        _daemon.Tare($"tag {_registry.Host}/base/image:v1 {_registry.Host}/my/copy:v1").Ok();
        Assert.Contains("Mounted from base/image", _daemon.Tare($"push {_registry.Host}/my/copy:v1").Ok().Stdout, StringComparison.Ordinal);
        _daemon.Tare($"rmi -f {_registry.Host}/base/image:v1 {_registry.Host}/my/copy:v1").Ok();
    }

    [Fact]
    public void AllTagsAndQuiet()
    {
        string repository = $"{_registry.Host}/team/tags";
        _daemon.Tare(["import", "-", repository + ":a"], BusyboxRoot.Tar).Ok();
        _daemon.Tare($"tag {repository}:a {repository}:b").Ok();
        CommandResult push = _daemon.Tare($"push -a {repository}").Ok();
        Assert.Contains("a: digest: sha256:", push.Stdout, StringComparison.Ordinal);
        Assert.Contains("b: digest: sha256:", push.Stdout, StringComparison.Ordinal);
        Assert.Equal($"{repository}:a\n", _daemon.Tare($"push -q {repository}:a").Ok().Stdout);
        _daemon.Tare($"rmi {repository}:a {repository}:b").Ok();
        CommandResult pull = _daemon.Tare($"pull -a {repository}").Ok();
        Assert.Contains("a: Pulling from team/tags", pull.Stdout, StringComparison.Ordinal);
        Assert.Contains("b: Pulling from team/tags", pull.Stdout, StringComparison.Ordinal);
        Assert.EndsWith($"Status: Downloaded newer image for {repository}\n{repository}\n", pull.Stdout, StringComparison.Ordinal);
        _daemon.Tare($"rmi -f {repository}:a {repository}:b").Ok();
    }

    [Theory]
    [InlineData("push HOST/none/such:v1", "An image does not exist locally with the tag: HOST/none/such")]
    [InlineData("push busybox:missing", "tag does not exist: busybox:missing")]
    [InlineData("push -a busybox:latest", "tag can't be used with --all-tags/-a")]
    [InlineData("push busybox@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "cannot push a digest reference")]
    [InlineData("push UPPER", "invalid reference format: repository name (library/UPPER) must be lowercase")]
    [InlineData("pull -a HOST/none/such", "Error response from daemon: repository HOST/none/such not found: name unknown: repository name not known to registry")]
    public void ErrorsAreDockers(string line, string message)
    {
        CommandResult result = _daemon.Tare(line.Replace("HOST", _registry.Host, StringComparison.Ordinal)).Exits(1);
        Assert.Equal(message.Replace("HOST", _registry.Host, StringComparison.Ordinal) + "\n", result.Stderr);
    }

    [Fact]
    public void AfterEverythingIsRemovedNoBlobIsLeft()
    {
        string name = $"{_registry.Host}/team/gone:v1";
        _daemon.Tare(["import", "-", name], PullTests.TarOf(("some", "thing"))).Ok();
        string[] before = Blobs();
        _daemon.Tare($"push -q {name}").Ok();
        _daemon.Tare($"rmi {name}").Ok();
        Assert.Empty(Blobs().Except(before));
    }

    private string[] Blobs() => [.. Directory.EnumerateFiles($"{_daemon.DataRoot}/content/sha256").Select(file => Path.GetFileName(file)!)];
}
