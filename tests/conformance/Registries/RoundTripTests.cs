using Tare.ConformanceTests.Runtimes;

namespace Tare.ConformanceTests.Registries;

/// <summary>Images travel between Tare, skopeo, a registry and the genuine docker client, and stay byte-identical.</summary>
public sealed class RoundTripTests : IClassFixture<DaemonFixture>, IDisposable
{
    private readonly DaemonFixture _daemon;
    private readonly Registry _registry;
    private readonly PeerRoot _peers = new();

    public RoundTripTests(DaemonFixture daemon)
    {
        _daemon = daemon;
        _registry = new Registry($"{daemon.Root}/registry-{Guid.NewGuid():N}");
        _peers.Remember();
    }

    public void Dispose()
    {
        _registry.Dispose();
        _peers.Dispose();
    }

    [Fact]
    public void AnImportedImageThroughSkopeoAndBack()
    {
        string first = $"{_registry.Host}/round/first:v1";
        string id = _daemon.Tare(["import", "-c", "CMD [\"true\"]", "-", first], BusyboxRoot.Tar).Ok().Text;
        _daemon.Tare($"push -q {first}").Ok();
        byte[] manifest = _registry.Manifest("round/first", "v1");
        string layout = $"oci:{_peers.Folder}/layout:v1";
        Skopeo("copy", "--src-tls-verify=false", "--preserve-digests", $"docker://{first}", layout);
        Skopeo("copy", "--dest-tls-verify=false", "--preserve-digests", layout, $"docker://{_registry.Host}/round/second:v1");
        _daemon.Tare($"rmi {first}").Ok();

        string second = $"{_registry.Host}/round/second:v1";
        _daemon.Tare($"pull -q {second}").Ok();
        Assert.Equal(id, _daemon.Tare(["inspect", "-f", "{{.Id}}", second]).Ok().Text);
        _daemon.Tare($"tag {second} {_registry.Host}/round/third:v1").Ok();
        _daemon.Tare($"push -q {_registry.Host}/round/third:v1").Ok();
        Assert.Equal(manifest, _registry.Manifest("round/third", "v1"));
        _daemon.Tare($"rmi -f {second} {_registry.Host}/round/third:v1").Ok();
    }

    [Theory]
    [InlineData("gzip", "v2s2")]
    [InlineData("gzip", "oci")]
    [InlineData("zstd", "oci")]
    public void WhatSkopeoMadeIsPushedUnchanged(string compression, string format)
    {
        _registry.Push("made/base", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar).Finish("amd64", "true"));
        string made = $"{_registry.Host}/made/{compression}-{format}:v1";
        Skopeo("copy", "--src-tls-verify=false", "--dest-tls-verify=false", "--dest-compress-format", compression, "--dest-force-compress-format", "--format", format, $"docker://{_registry.Host}/made/base:v1", $"docker://{made}");
        _daemon.Tare($"pull -q {made}").Ok();
        string copy = $"{_registry.Host}/made/copy-{compression}-{format}:v1";
        _daemon.Tare($"tag {made} {copy}").Ok();
        _daemon.Tare($"push -q {copy}").Ok();
        Assert.Equal(_registry.Manifest($"made/{compression}-{format}", "v1"), _registry.Manifest($"made/copy-{compression}-{format}", "v1"));
        _daemon.Tare($"rmi -f {made} {copy}").Ok();
    }

    [Fact]
    public void TheGenuineClientPushesAndPulls()
    {
        string name = $"{_registry.Host}/by/docker:v1";
        _daemon.Docker($"tag busybox {name}").Ok();
        CommandResult push = _daemon.Docker($"push {name}").Ok();
        Assert.Matches(@"v1: digest: sha256:[0-9a-f]{64} size: \d+\n$", push.Stdout);
        _daemon.Docker($"rmi {name}").Ok();
        _daemon.Docker($"pull -q {name}").Ok();
        Assert.Contains(name, Skopeo("list-tags", "--tls-verify=false", $"docker://{_registry.Host}/by/docker").Stdout.Replace("\"v1\"", name, StringComparison.Ordinal), StringComparison.Ordinal);
        _daemon.Docker($"rmi -f {name}").Ok();
    }

    [Fact]
    public void AManifestListIsTheSameByEitherClient()
    {
        foreach (string architecture in new[] { "amd64", "arm64" })
        {
            _registry.Push("list/parts", architecture, new ImageBlobs().Layer(BusyboxRoot.Tar).Finish(architecture, "true"));
        }

        string parts = $"{_registry.Host}/list/parts";
        byte[][] lists = [.. new[] { Programs.Tare, Programs.Docker }.Select((client, i) =>
        {
            Dictionary<string, string> environment = new() { ["DOCKER_CONFIG"] = $"{_daemon.Root}/config-{i}", ["TARE_HOST"] = $"unix://{_daemon.Socket}" };
            string list = $"{parts}:list{i}";
            void Run(params string[] words) => Command.Run(client, ["manifest", .. words], null, null, environment).Ok();
            Run("create", "--insecure", list, $"{parts}:amd64", $"{parts}:arm64");
            Run("annotate", list, $"{parts}:arm64", "--variant", "v8", "--os-features", "a");
            Run("push", "--insecure", list);
            return _registry.Manifest("list/parts", $"list{i}");
        })];
        Assert.Equal(System.Text.Encoding.UTF8.GetString(lists[1]), System.Text.Encoding.UTF8.GetString(lists[0]));
        CommandResult[] shown = [.. new[] { Programs.Tare, Programs.Docker }.Select(client => Command.Run(client, ["manifest", "inspect", "--insecure", $"{parts}:list0"], null, null, new Dictionary<string, string> { ["TARE_HOST"] = $"unix://{_daemon.Socket}", ["DOCKER_CONFIG"] = _daemon.Root }).Ok())];
        Assert.Equal(shown[1].Stdout, shown[0].Stdout);
    }

    private CommandResult Skopeo(params string[] arguments) => _peers.Run(["skopeo", .. arguments]).Ok();
}
