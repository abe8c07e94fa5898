using Tare.Oci.Images;
using Tare.Storage;
using Tare.Storage.Content;

namespace Tare.UnitTests.Storage;

/// <summary>Content is in the store whole and verified, or not at all.</summary>
public sealed class ContentStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ContentStore _store;

    public ContentStoreTests() => _store = new ContentStore(_folder["content"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task StoredContentIsReadBack()
    {
        byte[] content = [1, 2, 3];
        (Digest digest, long size) = await _store.IngestAsync(new MemoryStream(content), null, null, null, TestContext.Current.CancellationToken);
        Assert.Equal(3, size);
        Assert.Equal(content, _store.ReadAllBytes(digest));
        Assert.Equal([digest], _store.Enumerate());
    }

    [Fact]
    public async Task AnotherDigestIsRefused()
        => await AssertRefused<StorageException>([1, 2, 3], Digest.Of("other"u8), 3);

    [Fact]
    public async Task TooLongContentIsRefusedAtOnce()
        => await AssertRefused<StorageException>(new byte[1 << 20], Digest.Of(new byte[1 << 20]), 10);

    [Fact]
    public async Task TooShortContentIsAnEarlyEnd()
        => await AssertRefused<EndOfStreamException>([1, 2, 3], Digest.Of([1, 2, 3]), 4);

    [Fact]
    public async Task DamageOnTheDiskIsNoticed()
    {
        Digest digest = await _store.StoreAsync(new byte[] { 1, 2, 3 }, TestContext.Current.CancellationToken);
        File.WriteAllBytes(_store.PathOf(digest), [1, 2, 4]);
        Assert.Contains("damaged", Assert.Throws<StorageException>(() => _store.ReadAllBytes(digest)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HalfWrittenContentIsRemovedAtTheNextStart()
    {
        File.WriteAllText(_folder["content/ingest/half"], "x");
        _ = new ContentStore(_folder["content"]);
        Assert.Empty(Directory.GetFiles(_folder["content/ingest"]));
    }

    private async Task AssertRefused<T>(byte[] content, Digest expected, long size)
        where T : Exception
    {
        await Assert.ThrowsAsync<T>(() => _store.IngestAsync(new MemoryStream(content), expected, size, null, TestContext.Current.CancellationToken));
        Assert.Empty(_store.Enumerate());
        Assert.Empty(Directory.GetFiles(_folder["content/ingest"]));
    }
}
