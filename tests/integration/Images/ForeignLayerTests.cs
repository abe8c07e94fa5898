using System.Text.Json;

namespace Tare.IntegrationTests.Images;

/// <summary>Layers that must not be passed on: fetched from where the manifest says, checked like any other, and never pushed.</summary>
public sealed class ForeignLayerTests : IDisposable
{
    private const string Oci = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
    private const string Docker = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    private static readonly byte[] s_tar = PullTests.TarOf(("licensed", "not to be passed on"));
    private static readonly byte[] s_blob = ImageBlobs.Gzip(s_tar);
    private readonly DaemonFixture _daemon = new();
    private readonly Registry _registry;
    private readonly Registry _other;
    private readonly FileServer _vendor = new(s_blob);

    public ForeignLayerTests()
    {
        _registry = new Registry($"{_daemon.Root}/registry", new RegistrySetup { WithForeignLayers = true });
        _other = new Registry($"{_daemon.Root}/other", new RegistrySetup { WithForeignLayers = true });
    }

    public void Dispose()
    {
        _vendor.Dispose();
        _registry.Dispose();
        _other.Dispose();
        _daemon.Dispose();
    }

    [Theory]
    [InlineData(Oci)]
    [InlineData(Docker)]
    public void PulledByUrlRunAndNeverPushed(string mediaType)
    {
        string name = $"{_registry.Host}/team/foreign:v1";
        _registry.Push("team/foreign", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar)
            .ForeignLayer(s_blob, ImageBlobs.DigestOf(s_tar), mediaType, "http://127.0.0.1:1/nobody", _vendor.Url).Finish("amd64", "cat", "/licensed"));
        Assert.Equal("not to be passed on", _daemon.Tare($"run --rm {name}").Ok().Text);
        string request = Assert.Single(_vendor.Requests);
        Assert.StartsWith("GET /layer ", request, StringComparison.Ordinal);
        Assert.DoesNotContain("Authorization", request, StringComparison.OrdinalIgnoreCase);

        string target = $"{_other.Host}/team/foreign:v1";
        _daemon.Tare($"tag {name} {target}").Ok();
        Assert.Contains($"{ImageBlobs.DigestOf(s_tar)["sha256:".Length..][..12]}: Skipped foreign layer", _daemon.Tare($"push {target}").Ok().Stdout, StringComparison.Ordinal);
        Assert.Equal(_registry.Manifest("team/foreign", "v1"), _other.Manifest("team/foreign", "v1"));
        Assert.False(_other.HasBlob("team/foreign", ImageBlobs.DigestOf(s_blob)));

        // What is made on top of it has it too, and does not pass it on either.
        _daemon.Tare($"run --name above {name} touch /mine").Ok();
        string above = $"{_other.Host}/team/above:v1";
        _daemon.Tare($"commit above {above}").Ok();
        _daemon.Tare("rm above").Ok();
        Assert.Contains("Skipped foreign layer", _daemon.Tare($"push {above}").Ok().Stdout, StringComparison.Ordinal);
        using JsonDocument manifest = JsonDocument.Parse(_other.Manifest("team/above", "v1"));
        JsonElement layer = manifest.RootElement.GetProperty("layers")[1];
        Assert.Equal(mediaType, layer.GetProperty("mediaType").GetString());
        Assert.Equal(_vendor.Url, layer.GetProperty("urls")[1].GetString());
        Assert.False(_other.HasBlob("team/above", ImageBlobs.DigestOf(s_blob)));
        _daemon.Tare(["rmi", name, target, above]).Ok();
        Assert.Equal("not to be passed on", _daemon.Tare($"run --rm {above} cat /licensed").Ok().Text);
    }

    [Fact]
    public void OtherBytesThanTheDigestSaysAreRefused()
    {
        byte[] other = ImageBlobs.Gzip(PullTests.TarOf(("licensed", "something else      ")));
        using FileServer liar = new(other);
        _registry.Push("team/liar", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar).ForeignLayer(s_blob, ImageBlobs.DigestOf(s_tar), Oci, liar.Url).Finish("amd64", "true"));
        Assert.NotEqual(0, _daemon.Tare($"pull {_registry.Host}/team/liar:v1").ExitCode);
        Assert.DoesNotContain("team/liar", _daemon.Tare("images").Ok().Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public void ThoseThatNobodyHasAreNamed()
    {
        _registry.Push("team/gone", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar).ForeignLayer(s_blob, ImageBlobs.DigestOf(s_tar), Oci, "http://127.0.0.1:1/nobody").Finish("amd64", "true"));
        Assert.Contains("127.0.0.1:1", _daemon.Tare($"pull {_registry.Host}/team/gone:v1").Exits(1).Stderr, StringComparison.Ordinal);
    }
}
