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

    [Theory]
    [InlineData("xz")]
    [InlineData("bzip2")]
    public void CompressionsOfPrograms(string program)
    {
        byte[] compressed = Piped(program, s_tar);
        AssertUnpacks(compressed);
        Assert.Contains($"{program} could not read it", AssertRefused(compressed[..(compressed.Length / 2)]), StringComparison.Ordinal);
        AssertRefused(Damaged(compressed)); // bzip2 gives what it has before it looks at the sum
    }

    private static byte[] Piped(string program, byte[] input)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(program, "-c") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Task feeding = Task.Run(() =>
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        });
        using MemoryStream output = new();
        process.StandardOutput.BaseStream.CopyTo(output);
        feeding.Wait();
        process.WaitForExit();
        return output.ToArray();
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
