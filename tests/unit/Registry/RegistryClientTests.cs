using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Tare.Oci.Images;
using Tare.Registry;
using Tare.Registry.Auth;
using Tare.Registry.Transport;
using Tare.Storage.Content;
using Tare.Storage.Layers;
using Tare.UnitTests.Storage;

namespace Tare.UnitTests.Registry;

/// <summary>Pulls from a registry that is a message handler.</summary>
public sealed class RegistryClientTests : IDisposable
{
    private static readonly byte[] s_layer = new TarBuilder().File("file", new string('x', 100_000)).ToArray();
    private readonly TemporaryFolder _folder = new();
    private readonly ContentStore _content;
    private readonly LayerStore _layers;

    public RegistryClientTests()
    {
        _content = new ContentStore(_folder["content"]);
        _layers = new LayerStore(_folder["layers"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PullsManifestConfigurationAndLayers()
    {
        FakeRegistry registry = new(s_layer);
        List<PullProgress> progress = [];
        PulledImage image = await PullAsync(registry, progress: new Collect(progress));
        Assert.Equal(registry.ConfigDigest, image.ConfigDigest);
        Assert.True(_layers.Contains(image.ChainIds[0]));
        Assert.Contains(progress, step => step.Status == "Pull complete");
        Assert.Contains(progress, step => step.Status == $"Digest: {image.ManifestDigest}");
    }

    [Fact]
    public async Task ATokenIsFetchedOnceWithTheScopeThatIsAskedFor()
    {
        FakeRegistry registry = new(s_layer) { Token = "secret" };
        await PullAsync(registry, new RegistryAuth("me", "pass"));
        Uri request = Assert.Single(registry.TokenRequests);
        Assert.Contains("scope=repository%3Ateam%2Ftool%3Apull", request.Query, StringComparison.Ordinal);
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:pass")), registry.TokenAuthorization);
    }

    [Fact]
    public async Task ABrokenDownloadGoesOnWhereItEnded()
    {
        FakeRegistry registry = new(s_layer) { Cuts = 2, Resumes = true };
        await PullAsync(registry);
        Assert.Equal(2, registry.RangeRequests);
    }

    [Fact]
    public async Task ABrokenDownloadStartsOverWhereTheServerDoesNotResume()
        => await PullAsync(new FakeRegistry(s_layer) { Cuts = 2 });

    [Fact]
    public async Task ADownloadThatAlwaysBreaksIsAnError()
    {
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => PullAsync(new FakeRegistry(s_layer) { Cuts = int.MaxValue }));
        Assert.Equal(RegistryErrorKind.Unavailable, failure.Kind);
        Assert.Empty(_layers.Enumerate());
    }

    [Fact]
    public async Task AnotherLayerThanAnnouncedIsAnError()
    {
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => PullAsync(new FakeRegistry(s_layer) { Corrupt = true }));
        Assert.Equal(RegistryErrorKind.DataLoss, failure.Kind);
        Assert.Contains("filesystem layer verification failed", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MissingManifestInDockersWords()
    {
        FakeRegistry registry = new(s_layer) { ManifestAnswer = (HttpStatusCode.NotFound, """{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}""") };
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => PullAsync(registry));
        Assert.Equal("manifest for localhost:5000/team/tool:v1 not found: manifest unknown: manifest unknown", failure.Message);
    }

    [Fact]
    public async Task HtmlIsNoManifest()
    {
        FakeRegistry registry = new(s_layer) { ManifestAnswer = (HttpStatusCode.OK, "<html>") };
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => PullAsync(registry));
        Assert.Equal(RegistryErrorKind.Protocol, failure.Kind);
    }

    [Theory]
    [InlineData("realm=\"https://a/token\",service=\"s\",scope=\"repository:x:pull,push\"", "scope", "repository:x:pull,push")]
    [InlineData("realm=https://a/token, service=s", "service", "s")]
    [InlineData("realm=\"a \\\"quoted\\\" one\"", "realm", "a \"quoted\" one")]
    public void Challenges(string text, string key, string value) => Assert.Equal(value, AuthChallenge.Parse(text)[key]);

    [Theory]
    [InlineData("localhost:5000", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.9.9.9:80", true)]
    [InlineData("[::1]:5000", true)]
    [InlineData("10.1.2.3:5000", true)]
    [InlineData("named.example:5000", true)]
    [InlineData("other.example", false)]
    [InlineData("11.1.2.3", false)]
    public void InsecureRegistries(string host, bool insecure) => Assert.Equal(insecure, Endpoint.IsInsecure(host, ["10.0.0.0/8", "named.example:5000"]));

    private async Task<PulledImage> PullAsync(FakeRegistry registry, RegistryAuth? auth = null, IProgress<PullProgress>? progress = null)
    {
        using RegistryClient client = new(new RegistryOptions { RetryPause = TimeSpan.FromMilliseconds(1) }, _content, _layers, registry, registry);
        return await client.PullAsync(ImageReference.Parse("localhost:5000/team/tool:v1"), Platform.Current, auth, static _ => { }, progress ?? new Collect([]), TestContext.Current.CancellationToken);
    }

    private sealed class Collect(List<PullProgress> steps) : IProgress<PullProgress>
    {
        public void Report(PullProgress value)
        {
            lock (steps)
            {
                steps.Add(value);
            }
        }
    }

    /// <summary>One image of one layer, and one mischief at a time.</summary>
    private sealed class FakeRegistry : HttpMessageHandler
    {
        private readonly byte[] _layer;
        private readonly byte[] _config;
        private readonly byte[] _manifest;
        private readonly Digest _layerDigest;
        private int _cuts;

        public FakeRegistry(byte[] layer)
        {
            _layer = layer;
            _layerDigest = Digest.Of(layer);
            _config = Encoding.UTF8.GetBytes($$$"""{"architecture":"{{{Platform.Current.Architecture}}}","os":"linux","rootfs":{"type":"layers","diff_ids":["{{{_layerDigest}}}"]}}""");
            ConfigDigest = Digest.Of(_config);
            _manifest = Encoding.UTF8.GetBytes($$$"""{"schemaVersion":2,"config":{"mediaType":"{{{MediaTypes.OciConfig}}}","digest":"{{{ConfigDigest}}}","size":{{{_config.Length}}}},"layers":[{"mediaType":"l","digest":"{{{_layerDigest}}}","size":{{{layer.Length}}}}]}""");
        }

        public Digest ConfigDigest { get; }

        public string? Token { get; init; }

        public int Cuts { init => _cuts = value; }

        public bool Resumes { get; init; }

        public bool Corrupt { get; init; }

        public (HttpStatusCode Status, string Body)? ManifestAnswer { get; init; }

        public List<Uri> TokenRequests { get; } = [];

        public string? TokenAuthorization { get; private set; }

        public int RangeRequests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string path = request.RequestUri!.AbsolutePath;
            if (path == "/token")
            {
                TokenRequests.Add(request.RequestUri);
                TokenAuthorization = request.Headers.Authorization?.ToString();
                return Answer(HttpStatusCode.OK, Encoding.UTF8.GetBytes($$"""{"token":"{{Token}}"}"""), "application/json");
            }

            if (Token is not null && request.Headers.Authorization?.ToString() != "Bearer " + Token)
            {
                HttpResponseMessage challenge = new(HttpStatusCode.Unauthorized) { Content = new ByteArrayContent([]) };
                challenge.Headers.WwwAuthenticate.Add(new AuthenticationHeaderValue("Bearer", "realm=\"https://auth.example/token\",service=\"s\",scope=\"repository:team/tool:pull\""));
                return Task.FromResult(challenge);
            }

            if (path.Contains("/manifests/", StringComparison.Ordinal))
            {
                return ManifestAnswer is { } answer ? Answer(answer.Status, Encoding.UTF8.GetBytes(answer.Body), "text/html") : Answer(HttpStatusCode.OK, _manifest, MediaTypes.OciManifest);
            }

            return path.EndsWith(_layerDigest.ToString(), StringComparison.Ordinal) ? Layer(request) : Answer(HttpStatusCode.OK, _config, "application/octet-stream");
        }

        private Task<HttpResponseMessage> Layer(HttpRequestMessage request)
        {
            int from = 0;
            if (request.Headers.Range is { } range)
            {
                RangeRequests++;
                from = Resumes ? (int)range.Ranges.First().From!.Value : 0;
            }

            byte[] rest = _layer[from..];
            if (Corrupt)
            {
                rest[^1] ^= 1;
            }

            if (_cuts-- > 0)
            {
                rest = rest[..(rest.Length / 2)];
            }

            return Answer(from > 0 ? HttpStatusCode.PartialContent : HttpStatusCode.OK, rest, "application/octet-stream");
        }

        private static Task<HttpResponseMessage> Answer(HttpStatusCode status, byte[] body, string type)
        {
            HttpResponseMessage response = new(status) { Content = new ByteArrayContent(body) };
            response.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
            return Task.FromResult(response);
        }
    }
}
