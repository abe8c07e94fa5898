using System.Net;
using System.Net.Http.Headers;
using Tare.Oci.Images;
using Tare.Registry;
using Tare.Storage.Content;
using Tare.Storage.Layers;
using Tare.UnitTests.Storage;

namespace Tare.UnitTests.Registry;

/// <summary>What a pull that was broken off left of a layer, the next one does not fetch again, and never trusts.</summary>
public sealed class ResumedDownloadTests : IDisposable
{
    private static readonly byte[] s_layer = new TarBuilder().File("file", string.Concat(Enumerable.Range(0, 40_000).Select(static i => $"{i} "))).ToArray();
    private static readonly int s_half = s_layer.Length / 2;
    private readonly TemporaryFolder _folder = new();
    private readonly List<long> _asked = []; // first bytes of the requests for the layer
    private ContentStore _content;
    private LayerStore _layers;

    public ResumedDownloadTests() => Open();

    private string Part => _folder[$"content/ingest/{Digest.Of(s_layer).Hex}"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheNextPullGoesOnAtTheSameByte(bool restarts)
    {
        await BreakOffAsync();
        Assert.Equal(s_layer[..s_half], await File.ReadAllBytesAsync(Part, TestContext.Current.CancellationToken));
        if (restarts)
        {
            Open();
        }

        Digest chainId = (await PullAsync(Serve)).ChainIds[0];
        Assert.Equal([0, s_half], _asked);
        AssertWhole(chainId);
    }

    [Fact]
    public async Task ARegistryThatIgnoresRangesSendsTheWhole()
    {
        await BreakOffAsync();
        AssertWhole((await PullAsync(static _ => ScriptedRegistry.Answer(HttpStatusCode.OK, s_layer, "application/octet-stream"))).ChainIds[0]);
    }

    [Fact]
    public async Task ARegistryThatRefusesRangesIsAskedForTheWhole()
    {
        await BreakOffAsync();
        Digest chainId = (await PullAsync(static from => from > 0 ? ScriptedRegistry.Error(HttpStatusCode.RequestedRangeNotSatisfiable, "X", "x") : Serve(from))).ChainIds[0];
        Assert.Equal([0, s_half, 0], _asked);
        AssertWhole(chainId);
    }

    [Fact]
    public async Task AnotherContentUnderTheDigestIsRefusedAndCostsThePart()
    {
        byte[] other = [.. s_layer];
        other[^600] ^= 1;
        await BreakOffAsync();
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => PullAsync(from => Serve(other, from)));
        Assert.Equal(RegistryErrorKind.DataLoss, failure.Kind);
        Assert.Contains($"expected {Digest.Of(s_layer)}", failure.Message, StringComparison.Ordinal);
        Assert.Equal([0, s_half, 0], _asked); // with what was kept, and without
        AssertNothing();
        AssertWhole((await PullAsync(Serve)).ChainIds[0]);
    }

    [Fact]
    public async Task AShorterContentUnderTheDigestIsRefusedAndCostsThePart()
    {
        await BreakOffAsync();
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => PullAsync(static _ => ScriptedRegistry.Answer(HttpStatusCode.OK, s_layer[..100], "application/octet-stream")));
        Assert.Equal(RegistryErrorKind.Unavailable, failure.Kind); // without what was kept, it is a download that ends early
        Assert.Equal(100, new FileInfo(Part).Length);
        AssertWhole((await PullAsync(Serve)).ChainIds[0]);
    }

    [Fact]
    public async Task ADamagedPartIsFetchedAgainByTheSamePull()
    {
        await BreakOffAsync();
        using (FileStream part = File.OpenWrite(Part))
        {
            part.Position = s_half / 2;
            part.WriteByte(0);
        }

        Digest chainId = (await PullAsync(Serve)).ChainIds[0];
        Assert.Equal([0, s_half, 0], _asked);
        AssertWhole(chainId);
    }

    [Fact]
    public async Task APartThatIsWholeNeedsNoRequest()
    {
        await File.WriteAllBytesAsync(Part, s_layer, TestContext.Current.CancellationToken);
        Digest chainId = (await PullAsync(Serve)).ChainIds[0];
        Assert.Empty(_asked);
        AssertWhole(chainId);
    }

    [Fact]
    public async Task APartThatIsLongerThanTheBlobIsNone()
    {
        await File.WriteAllBytesAsync(Part, [.. s_layer, 0], TestContext.Current.CancellationToken);
        AssertWhole((await PullAsync(Serve)).ChainIds[0]);
        Assert.Equal([0], _asked);
    }

    [Fact]
    public async Task TwoDownloadsOfOneBlobShareNoFile()
    {
        Digest digest = Digest.Of(s_layer);
        using (PartialBlob first = _content.OpenPart(digest, s_layer.Length))
        using (PartialBlob second = _content.OpenPart(digest, s_layer.Length))
        {
            Assert.Empty(_content.Strays());
            await _content.IngestAsync(new MemoryStream(s_layer), second, s_layer.Length, null, TestContext.Current.CancellationToken);
            Assert.True(_content.Verify(digest, TestContext.Current.CancellationToken));
            await Assert.ThrowsAsync<EndOfStreamException>(() => _content.IngestAsync(new MemoryStream(s_layer[..s_half]), first, s_layer.Length, null, TestContext.Current.CancellationToken));
            Assert.Equal(0, _content.DropParts(TimeSpan.Zero)); // somebody is at it
        }

        Assert.Equal(s_half, _content.DropParts(TimeSpan.Zero));
        AssertNothing();
    }

    [Fact]
    public async Task AfterADayAPartIsDropped()
    {
        await BreakOffAsync();
        File.SetLastWriteTimeUtc(Part, DateTime.UtcNow - ContentStore.PartLifetime + TimeSpan.FromMinutes(5));
        Assert.Equal(0, _content.DropParts(ContentStore.PartLifetime));
        Assert.Empty(_content.Strays());
        Open();
        Assert.True(File.Exists(Part));
        File.SetLastWriteTimeUtc(Part, DateTime.UtcNow - ContentStore.PartLifetime);
        Assert.Equal([Part], _content.Strays());
        Open();
        AssertNothing();
    }

    private static HttpResponseMessage Serve(byte[] content, long from)
    {
        HttpResponseMessage response = ScriptedRegistry.Answer(from > 0 ? HttpStatusCode.PartialContent : HttpStatusCode.OK, content[(int)from..], "application/octet-stream");
        response.Content.Headers.ContentRange = from > 0 ? new ContentRangeHeaderValue(from, content.Length - 1, content.Length) : null;
        return response;
    }

    private static HttpResponseMessage Serve(long from) => Serve(s_layer, from);

    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(_content), nameof(_layers))]
    private void Open() => (_content, _layers) = (new ContentStore(_folder["content"]), new LayerStore(_folder["layers"]));

    private async Task BreakOffAsync()
        => await Assert.ThrowsAsync<RegistryException>(() => PullAsync(static _ => ScriptedRegistry.Answer(HttpStatusCode.OK, s_layer[..s_half], "application/octet-stream")));

    private void AssertWhole(Digest chainId)
    {
        Assert.True(_layers.Contains(chainId));
        Assert.True(_content.Verify(Digest.Of(s_layer)));
        AssertNothing();
    }

    private void AssertNothing()
    {
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["content/ingest"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["layers/.staging"]));
    }

    private async Task<PulledImage> PullAsync(Func<long, HttpResponseMessage> answer)
    {
        ScriptedRegistry registry = new()
        {
            Script = request =>
            {
                if (!request.RequestUri!.AbsolutePath.EndsWith(Digest.Of(s_layer).ToString(), StringComparison.Ordinal))
                {
                    return null;
                }

                _asked.Add(request.Headers.Range?.Ranges.Single().From ?? 0);
                return answer(_asked[^1]);
            },
        };
        registry.Add("v1", "amd64", null, s_layer);
        using RegistryClient client = new(new RegistryOptions { MaximumAttempts = 1 }, _content, _layers, registry, registry);
        return await client.PullAsync(
            ImageReference.Parse("localhost:5000/team/tool:v1"), Platform.Parse("linux/amd64"), null, static _ => { }, new Progress<PullProgress>(), TestContext.Current.CancellationToken);
    }
}
