using System.Net;
using System.Security.Cryptography;
using Tare.Oci.Images;
using Tare.Registry;
using Tare.Storage.Content;
using Tare.Storage.Layers;
using Tare.UnitTests.Storage;

namespace Tare.UnitTests.Registry;

/// <summary>Registries that say nothing, say something else, or say it too long.</summary>
public sealed class SilentRegistryTests : IDisposable
{
    private static readonly byte[] s_layer = new TarBuilder().File("file", new string('x', 3_000_000)).ToArray();
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ARegistryThatAcceptsAndNeverAnswers()
    {
        RegistryException failure = await FailsAsync((_, cancellationToken) => NeverAsync(cancellationToken));
        Assert.Equal(RegistryErrorKind.Unavailable, failure.Kind);
        Assert.Contains("was not made in time", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALayerThatFallsSilentIsFetchedByAnotherConnection()
    {
        int silences = 2;
        await PullAsync((request, inner) => IsLayer(request) && silences-- > 0 ? Task.FromResult(With(new SilentAfter(s_layer, 1_000_000))) : inner());
        Assert.Equal(-1, silences);
    }

    [Fact]
    public async Task ALayerThatIsSilentForEver()
    {
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => PullAsync((request, inner) => IsLayer(request) ? Task.FromResult(With(new SilentAfter(s_layer, 0))) : inner()));
        Assert.Contains("fell silent", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["content/ingest"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["layers/.staging"]));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task ALayerOfAnotherSize(int more)
    {
        byte[] other = more > 0 ? [.. s_layer, 0] : s_layer[..^1];
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => PullAsync((request, inner) => IsLayer(request) ? Task.FromResult(With(new MemoryStream(other))) : inner()));
        Assert.Equal(more > 0 ? RegistryErrorKind.DataLoss : RegistryErrorKind.Unavailable, failure.Kind);
        Assert.False(File.Exists(_folder[$"content/sha256/{Digest.Of(s_layer).Hex}"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["layers/.staging"]));
    }

    [Fact]
    public async Task AManifestWithoutEnd()
    {
        RegistryException failure = await FailsAsync((_, _) => Task.FromResult(With(new Endless())));
        Assert.Contains("more than 4194304 bytes", failure.Message, StringComparison.Ordinal);
    }

    private static bool IsLayer(HttpRequestMessage request) => request.RequestUri!.AbsolutePath.EndsWith(Digest.Of(s_layer).ToString(), StringComparison.Ordinal);

    private static HttpResponseMessage With(Stream body) => new(HttpStatusCode.OK) { Content = new StreamContent(body) };

    private static async Task<HttpResponseMessage> NeverAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return null!;
    }

    private Task<RegistryException> FailsAsync(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer)
        => Assert.ThrowsAsync<RegistryException>(() => RunAsync(new Answering(answer)));

    private Task<PulledImage> PullAsync(Func<HttpRequestMessage, Func<Task<HttpResponseMessage>>, Task<HttpResponseMessage>> answer)
    {
        ScriptedRegistry registry = new();
        registry.Add("v1", Platform.Current.Architecture, null, s_layer);
        HttpMessageInvoker inner = new(registry);
        return RunAsync(new Answering((request, cancellationToken) => answer(request, () => inner.SendAsync(request, cancellationToken))));
    }

    private async Task<PulledImage> RunAsync(HttpMessageHandler handler)
    {
        RegistryOptions options = new() { RetryPause = TimeSpan.FromMilliseconds(1), StallTimeout = TimeSpan.FromMilliseconds(100) };
        using RegistryClient client = new(options, new ContentStore(_folder["content"]), new LayerStore(_folder["layers"]), handler, handler);
        return await client.PullAsync(ImageReference.Parse("localhost:5000/team/tool:v1"), Platform.Current, null, static _ => { }, new Progress<PullProgress>(), TestContext.Current.CancellationToken);
    }

    private sealed class Answering(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => answer(request, cancellationToken);
    }

    /// <summary>Gives some bytes, then nothing, as a connection does whose other end is gone.</summary>
    private sealed class SilentAfter(byte[] content, int count) : MemoryStream(content)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position < count)
            {
                return await base.ReadAsync(buffer[..(int)Math.Min(buffer.Length, count - Position)], cancellationToken);
            }

            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }

    /// <summary>Random bytes for ever.</summary>
    private sealed class Endless : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => 0; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            RandomNumberGenerator.Fill(buffer.AsSpan(offset, count));
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
