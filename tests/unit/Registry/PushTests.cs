using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Tare.Oci.Images;
using Tare.Registry;
using Tare.Storage.Content;
using Tare.Storage.Layers;
using Tare.UnitTests.Storage;

namespace Tare.UnitTests.Registry;

/// <summary>Pushes to a registry that is a message handler.</summary>
public sealed class PushTests : IDisposable
{
    private static readonly byte[] s_small = "a small layer"u8.ToArray();
    private static readonly byte[] s_large = Large();
    private static readonly byte[] s_config = "{}"u8.ToArray();

    private readonly TemporaryFolder _folder = new();
    private readonly List<PullProgress> _progress = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task LayersConfigurationAndManifestArrive()
    {
        UploadRegistry registry = new();
        PushedImage pushed = await PushAsync(registry, [s_small, s_large]);
        Assert.Equal(s_small, registry.Blobs[("team/tool", Digest.Of(s_small).ToString())]);
        Assert.Equal(s_large, registry.Blobs[("team/tool", Digest.Of(s_large).ToString())]);
        Assert.Equal(s_config, registry.Blobs[("team/tool", Digest.Of(s_config).ToString())]);
        (byte[] manifest, string type) = registry.Manifests["v1"];
        Assert.Equal((pushed.Digest, pushed.SizeBytes, MediaTypes.OciManifest), (Digest.Of(manifest), manifest.Length, type));
        Assert.Contains(_progress, step => step.Status == $"v1: digest: {pushed.Digest} size: {manifest.Length}");
        Assert.Equal(2, _progress.Count(step => step.Status == "Pushed"));
    }

    [Fact]
    public async Task ASmallBlobIsOneRequestAndALargeOneASession()
    {
        UploadRegistry registry = new();
        await PushAsync(registry, [s_small, s_large]);
        Assert.Single(registry.Requests, request => request.StartsWith("PATCH", StringComparison.Ordinal));
        Assert.Equal(4, registry.Requests.Count(request => request.StartsWith("PUT", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task WhatIsThereIsNotSentAgain()
    {
        UploadRegistry registry = new();
        await PushAsync(registry, [s_small]);
        registry.Requests.Clear();
        await PushAsync(registry, [s_small]);
        Assert.DoesNotContain(registry.Requests, request => request.StartsWith("POST", StringComparison.Ordinal));
        Assert.Contains(_progress, step => step.Status == "Layer already exists");
    }

    [Fact]
    public async Task ABlobIsMountedFromAnotherRepository()
    {
        UploadRegistry registry = new();
        registry.Blobs[("other/place", Digest.Of(s_large).ToString())] = s_large;
        await PushAsync(registry, [s_large], mounts: ["nowhere", "other/place"]);
        Assert.Contains(_progress, step => step.Status == "Mounted from other/place");
        Assert.DoesNotContain(registry.Requests, request => request.StartsWith("PATCH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AMountThatIsRefusedBecomesAnUpload()
    {
        UploadRegistry registry = new();
        await PushAsync(registry, [s_large], mounts: ["nowhere"]);
        Assert.Equal(s_large, registry.Blobs[("team/tool", Digest.Of(s_large).ToString())]);
        Assert.Contains(registry.Requests, request => request.Contains("mount=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ABrokenUploadGoesOnWhereItEnded()
    {
        Queue<int?> breaks = new([3_000_000, 2_000_000, null]);
        UploadRegistry registry = new() { Breaks = () => breaks.TryDequeue(out int? limit) ? limit : null };
        await PushAsync(registry, [s_large]);
        Assert.Equal(s_large, registry.Blobs[("team/tool", Digest.Of(s_large).ToString())]);
        Assert.Equal(3, registry.Requests.Count(request => request.StartsWith("PATCH", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task AnUploadThatAlwaysBreaksIsAnError()
    {
        UploadRegistry registry = new() { Breaks = () => 0 };
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => PushAsync(registry, [s_large]));
        Assert.Equal(RegistryErrorKind.Unavailable, failure.Kind);
        Assert.Empty(registry.Manifests);
    }

    [Fact]
    public async Task ARegistryThatFindsABlobTooLargeGetsPieces()
    {
        UploadRegistry registry = new()
        {
            Script = request => request.Method == HttpMethod.Patch && request.Content!.Headers.ContentLength > 8 << 20 ? new HttpResponseMessage(HttpStatusCode.RequestEntityTooLarge) : null,
        };
        await PushAsync(registry, [s_large]);
        Assert.Equal(s_large, registry.Blobs[("team/tool", Digest.Of(s_large).ToString())]);
    }

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(9_000_000)]
    public async Task Chunks(int size)
    {
        UploadRegistry registry = new();
        await PushAsync(registry, [s_large], options: new RegistryOptions { UploadChunkBytes = size });
        Assert.Equal(s_large, registry.Blobs[("team/tool", Digest.Of(s_large).ToString())]);
        Assert.Equal((s_large.Length + size - 1) / size, registry.Requests.Count(request => request.StartsWith("PATCH", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task EqualLayersAreSentOnce()
    {
        UploadRegistry registry = new();
        await PushAsync(registry, [s_small, s_small]);
        Assert.Equal(2, registry.Requests.Count(request => request.StartsWith("POST", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task TheTokenCoversPushAndTheRepositoriesToMountFrom()
    {
        List<string> tokens = [];
        UploadRegistry registry = new()
        {
            Script = request =>
            {
                if (request.RequestUri!.AbsolutePath == "/token")
                {
                    tokens.Add(Uri.UnescapeDataString(request.RequestUri.Query));
                    return ScriptedRegistry.Answer(HttpStatusCode.OK, "{\"token\":\"t\"}"u8.ToArray(), "application/json");
                }

                return request.Headers.Authorization?.Parameter == "t" || request.RequestUri.AbsolutePath == "/v2/" ? null : Challenge();
            },
        };
        await PushAsync(registry, [s_small], mounts: ["other/place"], auth: new RegistryAuth("me", "pass"));
        string query = Assert.Single(tokens);
        Assert.Contains("scope=repository:team/tool:pull,push", query, StringComparison.Ordinal);
        Assert.Contains("scope=repository:other/place:pull", query, StringComparison.Ordinal);
        Assert.Contains("account=me", query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADeniedPushInTheRegistrysWords()
    {
        UploadRegistry registry = new()
        {
            Script = request => request.Method == HttpMethod.Post ? ScriptedRegistry.Error(HttpStatusCode.Forbidden, "DENIED", "requested access to the resource is denied") : null,
        };
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => PushAsync(registry, [s_small]));
        Assert.Equal(("denied: requested access to the resource is denied", RegistryErrorKind.Denied), (failure.Message, failure.Kind));
    }

    [Fact]
    public async Task AWrongDigestIsTheRegistrysToFind()
    {
        UploadRegistry registry = new();
        UploadBlob wrong = new(Digest.Of("other"u8), s_small.Length, () => new MemoryStream(s_small));
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => PushAsync(registry, [wrong]));
        Assert.Contains("digest invalid", failure.Message, StringComparison.Ordinal);
    }

    private static byte[] Large()
    {
        byte[] content = new byte[9_500_000];
        new Random(7).NextBytes(content);
        return content;
    }

    private static HttpResponseMessage Challenge()
    {
        HttpResponseMessage response = new(HttpStatusCode.Unauthorized) { Content = new ByteArrayContent([]) };
        response.Headers.WwwAuthenticate.Add(new AuthenticationHeaderValue("Bearer", "realm=\"https://auth.example/token\",service=\"s\",scope=\"repository:team/tool:pull\""));
        return response;
    }

    private static UploadBlob Blob(byte[] content) => new(Digest.Of(content), content.Length, () => new MemoryStream(content));

    private Task<PushedImage> PushAsync(UploadRegistry registry, byte[][] layers, string[]? mounts = null, RegistryAuth? auth = null, RegistryOptions? options = null)
        => PushAsync(registry, [.. layers.Select(Blob)], mounts, auth, options);

    private async Task<PushedImage> PushAsync(UploadRegistry registry, UploadBlob[] layers, string[]? mounts = null, RegistryAuth? auth = null, RegistryOptions? options = null)
    {
        using RegistryClient client = new(
            (options ?? new RegistryOptions()) with { RetryPause = TimeSpan.FromMilliseconds(1) }, new ContentStore(_folder["content"]), new LayerStore(_folder["layers"]), registry, registry);
        PushImage image = new()
        {
            Reference = ImageReference.Parse("localhost:5000/team/tool:v1"),
            Config = Blob(s_config),
            Layers = [.. layers.Select(layer => new PushLayer(layer.Digest, mounts ?? [], _ => Task.FromResult(layer)))],
            Manifest = blobs => new PushManifest(Encoding.UTF8.GetBytes(string.Join(' ', blobs.Select(blob => blob.Digest))), MediaTypes.OciManifest),
        };
        return await client.PushAsync(image, auth, new Collector(_progress), TestContext.Current.CancellationToken);
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
