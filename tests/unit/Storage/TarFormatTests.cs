using System.Text;
using Tare.Oci.Images;
using Tare.Storage;
using Tare.Storage.Layers;
using Tare.Storage.Tar;

namespace Tare.UnitTests.Storage;

/// <summary>What archives of the field hold, and what broken ones do.</summary>
public sealed class TarFormatTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LayerStore _store;

    public TarFormatTests() => _store = new LayerStore(_folder["layers"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void BinaryNumbers()
    {
        TarEntry entry = Single(new RawTar().Entry("file", '0', null, header =>
        {
            header.AsSpan(108, 8).Clear();
            (header[108], header[112], header[115]) = (0x80, 0x7F, 0x01); // 0x7F000001
            header.AsSpan(136, 12).Fill(0xFF); // -1
        }));
        Assert.Equal(0x7F000001u, entry.Uid);
        Assert.Equal(-1, entry.ModifiedSeconds);
    }

    [Fact]
    public void PaxRecordsWin()
    {
        TarEntry entry = Single(new RawTar()
            .Pax(("path", "lång/" + new string('n', 200)), ("uid", "4000000000"), ("mtime", "12.5"), ("SCHILY.xattr.user.a=b", "c"), ("comment", "nothing"))
            .Entry("short", '0'));
        Assert.Equal("lång/" + new string('n', 200), entry.Path);
        Assert.Equal(4_000_000_000u, entry.Uid);
        Assert.Equal((12, 500_000_000), (entry.ModifiedSeconds, entry.ModifiedNanoseconds));
    }

    [Fact]
    public void TimesBefore1970()
    {
        TarEntry entry = Single(new RawTar().Pax(("mtime", "-1.25")).Entry("file", '0'));
        Assert.Equal((-2, 750_000_000), (entry.ModifiedSeconds, entry.ModifiedNanoseconds));
    }

    [Fact]
    public void AttributesStayBytes()
    {
        TarEntry entry = Single(new RawTar().Pax(("SCHILY.xattr.security.capability", "\u0001\0\n=")).Entry("file", '0'));
        Assert.Equal([1, 0, (byte)'\n', (byte)'='], entry.ExtendedAttributes!["security.capability"]);
    }

    [Fact]
    public void SparseFileOfFormat10() => AssertSparse(new RawTar()
        .Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "sparse"), ("GNU.sparse.realsize", "100000"))
        .Entry("GNUSparseFile.0/sparse", '0', [.. "2\n0\n4\n90000\n3\n"u8, .. new byte[512 - 14], .. "HEADEND"u8]));

    [Fact]
    public void SparseFileOfFormat01() => AssertSparse(new RawTar()
        .Pax(("GNU.sparse.size", "100000"), ("GNU.sparse.numblocks", "2"), ("GNU.sparse.name", "sparse"), ("GNU.sparse.map", "0,4,90000,3"))
        .Entry("GNUSparseFile.0/sparse", '0', "HEADEND"u8.ToArray()));

    [Fact]
    public void SparseFileOfGnusOldFormat() => AssertSparse(new RawTar().Entry("sparse", 'S', "HEADEND"u8.ToArray(), header =>
    {
        RawTar.Put(header, 257, "ustar  \0");
        RawTar.Octal(header, 386, 12, 0);
        RawTar.Octal(header, 398, 12, 4);
        RawTar.Octal(header, 410, 12, 90000);
        RawTar.Octal(header, 422, 12, 3);
        RawTar.Octal(header, 483, 12, 100000);
    }));

    [Theory]
    [InlineData("0,4,2,3")] // overlapping
    [InlineData("0,4,99999,3")] // beyond the end
    [InlineData("0,4")] // less than the data
    [InlineData("0,4,90000")]
    [InlineData("-1,7")]
    public void BrokenSparseMaps(string map) => AssertRefused(new RawTar()
        .Pax(("GNU.sparse.size", "100000"), ("GNU.sparse.name", "sparse"), ("GNU.sparse.map", map))
        .Entry("x", '0', "HEADEND"u8.ToArray()).ToArray());

    [Fact]
    public void NamesThatAreNoUtf8AreKept()
    {
        string tree = Apply(new RawTar().Entry("caf\u00E9", '0', [1]).ToArray()); // Latin-1 in the archive
        Assert.Single(Directory.GetFiles(tree));
        _store.Delete(_store.Enumerate().Single());
        Assert.Empty(_store.Enumerate());
    }

    [Fact]
    public void TreesDeeperThanAPathMayBe()
    {
        RawTar tar = new();
        StringBuilder path = new();
        for (int i = 0; i < 60; i++)
        {
            path.Append(new string((char)('a' + (i % 26)), 90)).Append('/');
        }

        string name = path.ToString()[..4000];
        tar.Pax(("path", name + "/file")).Entry("x", '0', [1]);
        Digest digest = Digest.Of(tar.ToArray());
        _store.Apply(digest, new MemoryStream(tar.ToArray()), digest, CancellationToken.None);
        _store.Delete(digest);
        Assert.Empty(_store.Enumerate());
    }

    [Fact]
    public void EntriesInAnyOrder()
    {
        // The folder's own mode comes before its content, and forbids writing.
        byte[] tar = new RawTar().Entry("d/", '5', null, header => RawTar.Put(header, 100, "0000555")).Entry("d/file", '0', [1]).ToArray();
        Assert.True(File.Exists(Path.Combine(Apply(tar), "d", "file")));
    }

    [Theory]
    [InlineData("5 a=b")]
    [InlineData("99 path=x\n")]
    [InlineData("x path=x\n")]
    [InlineData("-9 path=x\n")]
    [InlineData("9 path-x\n")]
    [InlineData("0 \n")]
    public void BrokenPaxRecords(string records) => AssertRefused(new RawTar().Entry("pax", 'x', Encoding.UTF8.GetBytes(records)).Entry("file", '0').ToArray());

    [Theory]
    [InlineData("mtime", "yesterday")]
    [InlineData("uid", "-1")]
    [InlineData("size", "99999999999999999999")]
    [InlineData("size", "1000000")]
    public void ImpossiblePaxValues(string key, string value) => AssertRefused(new RawTar().Pax((key, value)).Entry("file", '0', [1]).ToArray());

    [Fact]
    public void AHeaderCannotAskForMemory() => AssertRefused(new RawTar().Entry("pax", 'x', null, header => RawTar.Octal(header, 124, 12, 8L << 30)).ToArray());

    [Fact]
    public void NegativeSize() => AssertRefused(new RawTar().Entry("file", '0', null, header => header.AsSpan(124, 12).Fill(0xFF)).ToArray());

    [Fact]
    public void AChangedHeaderIsNoticed()
    {
        byte[] tar = new RawTar().Entry("file", '0', [1]).ToArray();
        tar[0] ^= 1;
        AssertRefused(tar);
    }

    private static TarEntry Single(RawTar tar)
    {
        TarReader reader = new(new MemoryStream(tar.ToArray()));
        TarEntry entry = Assert.IsType<TarEntry>(reader.Next());
        Assert.Null(reader.Next());
        return entry;
    }

    private void AssertSparse(RawTar tar)
    {
        byte[] archive = tar.Entry("after", '0', "after"u8.ToArray()).ToArray();
        string tree = Apply(archive);
        byte[] content = File.ReadAllBytes(Path.Combine(tree, "sparse"));
        Assert.Equal(100_000, content.Length);
        Assert.Equal("HEAD", Encoding.ASCII.GetString(content, 0, 4));
        Assert.Equal("END", Encoding.ASCII.GetString(content, 90_000, 3));
        Assert.Equal(7, content.Count(value => value != 0));
        Assert.Equal("after", File.ReadAllText(Path.Combine(tree, "after")));
    }

    private void AssertRefused(byte[] archive)
    {
        Assert.Throws<StorageException>(() => Apply(archive));
        Assert.Empty(_store.Enumerate());
        Assert.Empty(Directory.GetFileSystemEntries(_folder["layers/.staging"]));
    }

    private string Apply(byte[] archive)
    {
        Digest digest = Digest.Of(archive);
        _store.Apply(digest, new MemoryStream(archive), digest, CancellationToken.None);
        return _store.PathOf(digest);
    }
}
