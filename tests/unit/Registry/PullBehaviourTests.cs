using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Tare.Oci.Images;
using Tare.Registry;
using Tare.Storage.Content;
using Tare.Storage.Layers;
using Tare.UnitTests.Storage;

namespace Tare.UnitTests.Registry;

/// <summary>Platforms, mirrors, credentials, and registries in trouble.</summary>
public sealed class PullBehaviourTests : IDisposable
{
    private static readonly byte[] s_layer = new TarBuilder().File("file", "content").ToArray();
    private static readonly byte[] s_other = new TarBuilder().File("other", "content").ToArray();
    private readonly TemporaryFolder _folder = new();
    private readonly ContentStore _content;
    private readonly LayerStore _layers;
    private readonly List<PullProgress> _progress = [];

    public PullBehaviourTests()
    {
        _content = new ContentStore(_folder["content"]);
        _layers = new LayerStore(_folder["layers"]);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("linux/amd64", "amd64", null)]
    [InlineData("linux/arm64", "arm64", null)]
    [InlineData("linux/arm/v7", "arm", "v7")]
    [InlineData("linux/arm/v6", "arm", "v6")]
    public async Task AnIndexGivesThePlatform(string wanted, string architecture, string? variant)
    {
        ScriptedRegistry registry = new();
        registry.AddDocument("v1", Index(registry, ("amd64", null), ("arm", "v6"), ("arm", "v7"), ("arm64", "v8")), MediaTypes.DockerManifestList);
        PulledImage image = await PullAsync(registry, platform: wanted);
        Assert.Equal(architecture, image.Configuration.Architecture);
        Assert.Equal(variant, image.Configuration.Variant);
        Assert.Equal(image.IndexDigest, image.ReferenceDigest);
    }

    [Fact]
    public async Task AnIndexWithoutThePlatform()
    {
        ScriptedRegistry registry = new();
        registry.AddDocument("v1", Index(registry, ("s390x", null)), MediaTypes.OciIndex);
        await FailsAsync(registry, RegistryErrorKind.NotFound, "no matching manifest for linux/amd64 in the manifest list entries");
        Assert.Empty(_layers.Enumerate());
    }

    [Fact]
    public async Task ASecondPullFetchesNoLayer()
    {
        ScriptedRegistry registry = new();
        registry.Add("v1", "amd64", null, s_layer, s_other);
        await PullAsync(registry);
        registry.Requests.Clear();
        PulledImage image = await PullAsync(registry);
        Assert.Equal(2, image.ChainIds.Count);
        Assert.Single(registry.Requests);
        Assert.DoesNotContain(_progress, step => step.Status == "Already exists"); // as docker: of an image that is there, no layer is spoken of
    }

    [Fact]
    public async Task OneBlobTwiceInAnImage()
    {
        ScriptedRegistry registry = new();
        registry.Add("v1", "amd64", null, s_layer, s_other, s_layer);
        PulledImage image = await PullAsync(registry);
        Assert.Equal(3, image.ChainIds.Distinct().Count());
        Assert.Single(registry.Requests, request => request.EndsWith(Digest.Of(s_layer).ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task TwoPullsAtOnce()
    {
        ScriptedRegistry registry = new();
        registry.Add("v1", "amd64", null, s_layer, s_other);
        using RegistryClient client = Client(registry, new RegistryOptions());
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PullAsync(client, "localhost:5000/team/tool:v1", null, "linux/amd64")));
        Assert.Single(registry.Requests, request => request.EndsWith(Digest.Of(s_layer).ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task AServerInTroubleIsAskedAgain()
    {
        int troubles = 2;
        ScriptedRegistry registry = new() { Script = request => request.RequestUri!.AbsolutePath.Contains("/manifests/", StringComparison.Ordinal) && troubles-- > 0 ? new HttpResponseMessage(HttpStatusCode.BadGateway) : null };
        registry.Add("v1", "amd64", null, s_layer);
        await PullAsync(registry);
    }

    [Fact]
    public async Task BasicCredentials()
    {
        string expected = Convert.ToBase64String("me:pass word"u8);
        ScriptedRegistry registry = new() { Script = request => request.Headers.Authorization?.Parameter == expected ? null : Challenge("Basic", "realm=\"r\"") };
        registry.Add("v1", "amd64", null, s_layer);
        await PullAsync(registry, new RegistryAuth("me", "pass word"));
    }

    [Theory]
    [InlineData("application/vnd.oci.image.layer.nondistributable.v1.tar", true)]
    [InlineData("application/vnd.oci.image.layer.v1.tar", false)]
    public async Task OtherPlacesServeForeignLayersOnlyAndAreToldNoCredentials(string mediaType, bool isForeign)
    {
        string expected = Convert.ToBase64String("me:pass"u8);
        List<string?> told = [];
        ScriptedRegistry registry = new()
        {
            Script = request =>
            {
                if (request.RequestUri!.Host != "vendor.example")
                {
                    return request.Headers.Authorization?.Parameter == expected ? null : Challenge("Basic", "realm=\"r\"");
                }

                told.Add(request.Headers.Authorization?.ToString());
                return ScriptedRegistry.Answer(HttpStatusCode.OK, s_layer, "application/octet-stream");
            },
        };
        string manifest = System.Text.Encoding.UTF8.GetString(registry.Add(null, "amd64", null, s_layer));
        string plain = ScriptedRegistry.Describe(s_layer, "application/vnd.oci.image.layer.v1.tar");
        Assert.Contains(plain, manifest, StringComparison.Ordinal);
        registry.AddDocument(
            "v1",
            System.Text.Encoding.UTF8.GetBytes(manifest.Replace(plain, ScriptedRegistry.Describe(s_layer, mediaType, ",\"urls\":[\"ftp://vendor.example/no\",\"https://vendor.example/layer\"]"), StringComparison.Ordinal)),
            MediaTypes.OciManifest);
        await PullAsync(registry, new RegistryAuth("me", "pass"));
        Assert.Equal(isForeign ? [null] : [], told);
        Assert.Equal(!isForeign, registry.Requests.Exists(request => request.EndsWith(Digest.Of(s_layer).ToString(), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task WithoutCredentialsAccessIsDenied()
    {
        ScriptedRegistry registry = new() { Script = _ => Challenge("Basic", "realm=\"r\"") };
        await FailsAsync(registry, RegistryErrorKind.Unauthenticated, "Get \"https://localhost:5000/v2/team/tool/manifests/v1\": no basic auth credentials");
    }

    [Fact]
    public async Task ATokenServiceThatRefusesTheCredentials()
    {
        ScriptedRegistry registry = new()
        {
            Script = request => request.RequestUri!.Host == "auth.example" ? new HttpResponseMessage(HttpStatusCode.Unauthorized) : Challenge("Bearer", "realm=\"https://auth.example/token\",service=\"s\""),
        };
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => PullAsync(registry, new RegistryAuth("me", "wrong")));
        Assert.Equal(RegistryErrorKind.Unauthenticated, failure.Kind);
        Assert.Contains("unauthorized: incorrect username or password", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMirrorIsAskedFirstAndWithoutCredentials()
    {
        ScriptedRegistry registry = new();
        registry.Add("v1", "amd64", null, s_layer);
        using RegistryClient client = Client(registry, new RegistryOptions { Mirrors = ["http://mirror.example:5000"] });
        await PullAsync(client, "tool:v1", new RegistryAuth("me", "pass"), "linux/amd64");
        Assert.All(registry.Requests, request => Assert.StartsWith("GET http://mirror.example:5000/v2/library/tool/", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AMirrorThatFailsIsPassedOver()
    {
        ScriptedRegistry registry = new() { Script = request => request.RequestUri!.Host == "mirror.example" ? new HttpResponseMessage(HttpStatusCode.NotFound) : null };
        registry.Add("v1", "amd64", null, s_layer);
        using RegistryClient client = Client(registry, new RegistryOptions { Mirrors = ["https://mirror.example"] });
        await PullAsync(client, "tool:v1", null, "linux/amd64");
        Assert.Contains("GET https://registry-1.docker.io/v2/library/tool/manifests/v1", registry.Requests);
    }

    [Fact]
    public async Task LocalhostIsSpokenToWithoutTlsWhereItHasNone()
    {
        ScriptedRegistry registry = new() { Script = request => request.RequestUri!.Scheme == "https" ? throw new HttpRequestException("no TLS here") : null };
        registry.Add("v1", "amd64", null, s_layer);
        await PullAsync(registry);
    }

    [Fact]
    public async Task ARegistryThatIsNotThere()
    {
        ScriptedRegistry registry = new() { Script = _ => throw new HttpRequestException("refused", new SocketException((int)SocketError.ConnectionRefused)) };
        using RegistryClient client = Client(registry, new RegistryOptions());
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => PullAsync(client, "127.0.0.1:1/x", null, "linux/amd64"));
        Assert.Contains("dial tcp 127.0.0.1:1: connect: connection refused", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, registry.Requests.Count); // once with TLS, once without
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, "NAME_UNKNOWN", RegistryErrorKind.NotFound, "repository localhost:5000/team/tool not found: name unknown: told")]
    [InlineData(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN", RegistryErrorKind.NotFound, "manifest for localhost:5000/team/tool:v1 not found: manifest unknown: told")]
    [InlineData(HttpStatusCode.Forbidden, "DENIED", RegistryErrorKind.Denied, "pull access denied for localhost:5000/team/tool, repository does not exist or may require 'docker login': denied: told")]
    [InlineData(HttpStatusCode.TooManyRequests, "TOOMANYREQUESTS", RegistryErrorKind.Unavailable, "toomanyrequests: told")]
    public Task ErrorsInDockersWords(HttpStatusCode status, string code, RegistryErrorKind kind, string message)
        => FailsAsync(new ScriptedRegistry { Script = _ => ScriptedRegistry.Error(status, code, "told") }, kind, message);

    [Theory]
    [InlineData("{\"schemaVersion\":2,\"layers\":[]}")]
    [InlineData("{\"schemaVersion\":2,\"config\":{\"digest\":\"sha256:short\",\"size\":1},\"layers\":[]}")]
    [InlineData("{\"schemaVersion\":2,\"config\":7}")]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task BrokenManifests(string manifest)
    {
        ScriptedRegistry registry = new();
        registry.AddDocument("v1", Encoding.UTF8.GetBytes(manifest), MediaTypes.OciManifest);
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => PullAsync(registry));
        Assert.Equal(RegistryErrorKind.Protocol, failure.Kind);
    }

    [Fact]
    public async Task AManifestOfAnotherDigestIsRefused()
    {
        ScriptedRegistry registry = new();
        byte[] manifest = registry.Add(null, "amd64", null, s_layer);
        string wanted = "sha256:" + new string('a', 64);
        registry.AddDocument(wanted, manifest, MediaTypes.OciManifest);
        using RegistryClient client = Client(registry, new RegistryOptions());
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => PullAsync(client, "localhost:5000/x@" + wanted, null, "linux/amd64"));
        Assert.Equal(RegistryErrorKind.DataLoss, failure.Kind);
    }

    private static byte[] Index(ScriptedRegistry registry, params (string Architecture, string? Variant)[] platforms)
    {
        IEnumerable<string> entries = platforms.Select(platform =>
        {
            string variant = platform.Variant is null ? "" : $",\"variant\":\"{platform.Variant}\"";
            // The config of a 64-bit Arm image names no variant, as most builders write it.
            byte[] manifest = registry.Add(null, platform.Architecture, platform.Architecture == "arm" ? platform.Variant : null, s_layer);
            return ScriptedRegistry.Describe(manifest, MediaTypes.OciManifest, $",\"platform\":{{\"os\":\"linux\",\"architecture\":\"{platform.Architecture}\"{variant}}}");
        });
        return Encoding.UTF8.GetBytes($"{{\"schemaVersion\":2,\"manifests\":[{string.Join(',', entries)}]}}");
    }

    private static HttpResponseMessage Challenge(string scheme, string parameter)
    {
        HttpResponseMessage response = new(HttpStatusCode.Unauthorized) { Content = new ByteArrayContent([]) };
        response.Headers.WwwAuthenticate.Add(new AuthenticationHeaderValue(scheme, parameter));
        return response;
    }

    private RegistryClient Client(ScriptedRegistry registry, RegistryOptions options)
        => new(options with { RetryPause = TimeSpan.FromMilliseconds(1) }, _content, _layers, registry, registry);

    private async Task<PulledImage> PullAsync(ScriptedRegistry registry, RegistryAuth? auth = null, string platform = "linux/amd64")
    {
        using RegistryClient client = Client(registry, new RegistryOptions());
        return await PullAsync(client, "localhost:5000/team/tool:v1", auth, platform);
    }

    private Task<PulledImage> PullAsync(RegistryClient client, string reference, RegistryAuth? auth, string platform)
        => client.PullAsync(ImageReference.Parse(reference).WithDefaultTag(), Platform.Parse(platform), auth, static _ => { }, new Collector(_progress), TestContext.Current.CancellationToken);

    private async Task FailsAsync(ScriptedRegistry registry, RegistryErrorKind kind, string message)
    {
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => PullAsync(registry));
        Assert.Equal(message, failure.Message);
        Assert.Equal(kind, failure.Kind);
    }

    private sealed class Collector(List<PullProgress> steps) : IProgress<PullProgress>
    {
        public void Report(PullProgress value)
        {
            lock (steps)
            {
                steps.Add(value);
            }
        }
    }
}
