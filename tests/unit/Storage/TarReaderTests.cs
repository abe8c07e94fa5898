using System.Text;
using Tare.Linux.Files;
using Tare.Oci.Images;
using Tare.Storage.Layers;

namespace Tare.UnitTests.Storage;

/// <summary>What other tar programs write and the framework's writer does not: names that are no UTF-8, sparse files, binary numbers.</summary>
public sealed class TarReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LayerStore _store;

    public TarReaderTests() => _store = new LayerStore(_folder["layers"]);

    public void Dispose()
    {
        TreeRemover.Remove(_folder["layers"]);
        _folder.Dispose();
    }

    [Theory]
    [InlineData(new byte[] { (byte)'a', 0xE9, (byte)'b' })]
    [InlineData(new byte[] { 0xC3, 0xA9 })]
    [InlineData(new byte[] { 0xED, 0xB2, 0x80 })]
    [InlineData(new byte[] { 0xF0, 0x9F, 0x98, 0x80, 0xFF })]
    public void NamesComeBackByteForByte(byte[] name) => Assert.Equal(name, FileNames.Encode(FileNames.Decode(name))[..^1]);

    [Fact]
    public void NamesThatAreNoUtf8AreWrittenAndRemoved()
    {
        byte[] tar = [.. Header("caf\u00E9", '0', 1), .. Block("x"u8), .. End()];
        string tree = Apply(tar);
        Assert.Single(Directory.GetFiles(tree));
        _store.Delete(Digest.Of(tar));
        Assert.Empty(Directory.GetFileSystemEntries(_folder["layers/.staging"]));
    }

    [Fact]
    public void SparseFileOfGnusOldFormat()
    {
        byte[] header = Header("sparse", 'S', 6, block =>
        {
            Octal(block, 386, 12, 512);
            Octal(block, 398, 12, 6);
            Octal(block, 483, 12, 2048);
        });
        AssertSparse([.. header, .. Block("middle"u8), .. End()]);
    }

    [Theory]
    [InlineData("GNU.sparse.size=2048", "GNU.sparse.map=512,6")]
    [InlineData("GNU.sparse.size=2048", "GNU.sparse.offset=512", "GNU.sparse.numbytes=6")]
    public void SparseFileOfPaxWithItsMapInTheHeader(params string[] records)
        => AssertSparse([.. Pax([.. records, "GNU.sparse.name=sparse"]), .. Header("other", '0', 6), .. Block("middle"u8), .. End()]);

    [Fact]
    public void SparseFileOfPaxWithItsMapBeforeTheData()
    {
        byte[] records = Pax(["GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=2048", "GNU.sparse.name=sparse"]);
        AssertSparse([.. records, .. Header("other", '0', 518), .. Block("1\n512\n6\n"u8), .. Block("middle"u8), .. End()]);
    }

    [Theory]
    [InlineData("512,6,100,1")]
    [InlineData("512,7")]
    [InlineData("2047,6")]
    [InlineData("512")]
    public void AWrongSparseMapIsRefused(string map)
    {
        byte[] tar = [.. Pax(["GNU.sparse.size=2048", "GNU.sparse.map=" + map]), .. Header("sparse", '0', 6), .. Block("middle"u8), .. End()];
        Assert.Contains("sparse map", Assert.Throws<Tare.Storage.StorageException>(() => Apply(tar)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BinarySizesAreRead()
    {
        byte[] header = Header("file", '0', 0, block =>
        {
            block.AsSpan(124, 12).Clear();
            block[124] = 0x80;
            block[135] = 3;
        });
        Assert.Equal("abc", File.ReadAllText(Path.Combine(Apply([.. header, .. Block("abc"u8), .. End()]), "file")));
    }

    [Fact]
    public void OfAFolderThatComesTwiceTheLastModeCounts()
    {
        byte[] tar = [.. Header("dir/", '5', 0), .. Header("dir/", '5', 0, block => Octal(block, 100, 8, 0x1C0)), .. End()];
        Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(Path.Combine(Apply(tar), "dir")));
    }

    [Fact]
    public void ATreeDeeperThanAnyPathIsRemoved()
    {
        string deep = Directory.CreateDirectory(_folder["deep"]).FullName;
        for (int i = 0; i < 15; i++)
        {
            // Each round puts what is there below a chain of 100 more.
            string chain = Path.Combine(_folder["next"], string.Join('/', Enumerable.Repeat("d", 100)));
            Directory.CreateDirectory(chain);
            Directory.Move(deep, Path.Combine(chain, "d"));
            Directory.Move(_folder["next"], deep);
        }

        TreeRemover.Remove(deep);
        Assert.False(Directory.Exists(deep));
    }

    private void AssertSparse(byte[] tar)
    {
        byte[] content = File.ReadAllBytes(Path.Combine(Apply(tar), "sparse"));
        Assert.Equal([.. new byte[512], .. "middle"u8, .. new byte[2048 - 518]], content);
    }

    private string Apply(byte[] tar)
    {
        Digest diffId = Digest.Of(tar);
        _store.Apply(diffId, new MemoryStream(tar), diffId, CancellationToken.None);
        return _store.PathOf(diffId);
    }

    private static byte[] Header(string name, char type, long size, Action<byte[]>? change = null)
    {
        byte[] block = new byte[512];
        Encoding.Latin1.GetBytes(name, block);
        Octal(block, 100, 8, 0x1ED);
        Octal(block, 108, 8, 0);
        Octal(block, 116, 8, 0);
        Octal(block, 124, 12, size);
        Octal(block, 136, 12, 0);
        block[156] = (byte)type;
        "ustar  \0"u8.CopyTo(block.AsSpan(257));
        change?.Invoke(block);
        block.AsSpan(148, 8).Fill((byte)' ');
        Octal(block, 148, 8, block.Sum(value => value));
        return block;
    }

    private static byte[] Pax(IEnumerable<string> records)
    {
        // The length counts its own digits.
        string text = string.Concat(records.Select(record => $"{record.Length + 4} {record}\n"));
        return [.. Header("pax", 'x', text.Length), .. Block(Encoding.ASCII.GetBytes(text))];
    }

    private static void Octal(byte[] block, int start, int length, long value)
        => Encoding.ASCII.GetBytes(Convert.ToString(value, 8).PadLeft(length - 1, '0') + "\0").CopyTo(block, start);

    private static byte[] Block(ReadOnlySpan<byte> content)
    {
        byte[] block = new byte[512];
        content.CopyTo(block);
        return block;
    }

    private static byte[] End() => new byte[1024];
}
