using System.IO.Compression;
using System.Security.Cryptography;
using Tare.Oci.Images;
using Tare.Storage;
using Tare.Storage.Layers;

namespace Tare.UnitTests.Storage;

/// <summary>Compressions of layers: those of builders that write in pieces, and broken ones.</summary>
public sealed class CompressedLayerTests : IDisposable
{
    private static readonly byte[] s_tar = new TarBuilder().File("first", Convert.ToHexString(RandomNumberGenerator.GetBytes(100_000))).File("second", "end").ToArray();
    private readonly TemporaryFolder _folder = new();
    private readonly LayerStore _store;

    public CompressedLayerTests() => _store = new LayerStore(_folder["layers"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void GzipOfSeveralMembers() => AssertUnpacks([.. Gzip(s_tar[..70_000]), .. Gzip(s_tar[70_000..])]);

    [Fact]
    public void Zstandard() => AssertUnpacks(Zstd(s_tar));

    [Fact]
    public void ZstandardOfSeveralFrames() => AssertUnpacks([.. Zstd(s_tar[..70_000]), .. Zstd(s_tar[70_000..])]);

    [Fact]
    public void ZstandardWithSkippableFrames()
    {
        // RFC 8878 section 3.1.2: zstd:chunked layers end with such a frame.
        byte[] skippable = [0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4];
        AssertUnpacks([.. Zstd(s_tar), .. skippable]);
        AssertUnpacks([.. skippable, .. Zstd(s_tar)]);
    }

    [Fact]
    public void TruncatedGzip() => AssertRefused(Gzip(s_tar)[..50_000]);

    [Fact]
    public void TruncatedZstandard() => AssertRefused(Zstd(s_tar)[..50_000]);

    [Fact]
    public void DamagedGzip() => AssertRefused(Damaged(Gzip(s_tar)));

    [Fact]
    public void DamagedZstandard() => AssertRefused(Damaged(Zstd(s_tar)));

    [Fact]
    public void XzAndBzip2SayWhatToDo()
    {
        Assert.Contains("xz -dc", AssertRefused([0xFD, .. "7zXZ\0"u8, .. new byte[100]]), StringComparison.Ordinal);
        Assert.Contains("bzip2 -dc", AssertRefused([.. "BZh91AY"u8, .. new byte[100]]), StringComparison.Ordinal);
    }

    private void AssertUnpacks(byte[] archive)
    {
        Digest diffId = Digest.Of(s_tar);
        _store.Apply(diffId, new MemoryStream(archive), diffId, CancellationToken.None);
        Assert.Equal("end", File.ReadAllText(Path.Combine(_store.PathOf(diffId), "second")));
        _store.Delete(diffId);
    }

    private string AssertRefused(byte[] archive)
    {
        Digest diffId = Digest.Of(s_tar);
        StorageException failure = Assert.Throws<StorageException>(() => _store.Apply(diffId, new MemoryStream(archive), diffId, CancellationToken.None));
        Assert.Empty(_store.Enumerate());
        Assert.Empty(Directory.GetFileSystemEntries(_folder["layers/.staging"]));
        return failure.Message;
    }

    private static byte[] Damaged(byte[] archive)
    {
        archive.AsSpan(60_000, 64).Fill(0xAA);
        return archive;
    }

    private static byte[] Gzip(byte[] content)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return compressed.ToArray();
    }

    private static byte[] Zstd(byte[] content)
    {
        using MemoryStream compressed = new();
        using (ZstdSharp.CompressionStream zstd = new(compressed, leaveOpen: true))
        {
            zstd.Write(content);
        }

        return compressed.ToArray();
    }
}
