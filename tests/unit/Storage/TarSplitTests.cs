using System.Formats.Tar;
using System.Text;
using Tare.Oci.Images;
using Tare.Storage;
using Tare.Storage.Layers;

namespace Tare.UnitTests.Storage;

/// <summary>An archive that a layer was unpacked from comes back byte by byte.</summary>
public sealed class TarSplitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LayerStore _store;

    public TarSplitTests() => _store = new LayerStore(_folder["layers"]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.V7)]
    public void OfAllFormats(TarEntryFormat format)
    {
        using MemoryStream stream = new();
        using (TarWriter writer = new(stream, format, leaveOpen: true))
        {
            string source = _folder["source"];
            File.WriteAllText(source, new string('s', 100_000));
            writer.WriteEntry(source, "first");
            writer.WriteEntry(source, "folder/second");
        }

        AssertComesBack(stream.ToArray());
    }

    [Fact]
    public void WithWhatFollowsTheEnd() => AssertComesBack([.. new TarBuilder().File("file", "x").ToArray(), .. new byte[10_240], .. "tail"u8]);

    [Fact]
    public void OfFilesThatLaterEntriesReplace()
        => AssertComesBack(new TarBuilder().File("file", "first").Link("hard", "file", hard: true).File("file", "second").Folder("dir/").File("dir/inside", "third").File("dir", "fourth")
            .File("dir2/inside", "fifth").Link("dir2", "file").ToArray());

    [Fact]
    public void OfFilesThatWhiteoutsRemove() => AssertComesBack(new TarBuilder().File("dir/file", "first").File("dir/.wh.file").File(".wh.dir").ToArray());

    [Fact]
    public void OfFilesBehindLinks() => AssertComesBack(new TarBuilder().Folder("real/").Link("link", "real").File("link/file", "first").File("real/file", "second").ToArray());

    [Fact]
    public void ALayerWithoutRecordsSaysSo()
    {
        byte[] tar = new TarBuilder().File("file", "x").ToArray();
        Digest diffId = Digest.Of(tar);
        _store.Apply(diffId, new MemoryStream(tar), diffId, CancellationToken.None);
        Assert.False(_store.HasArchive(diffId));
        Assert.Equal(tar.Length, _store.ArchiveSizeOf(diffId));
        Assert.Equal(StorageErrorKind.Missing, Assert.Throws<StorageException>(() => _store.OpenArchive(diffId)).Kind);
    }

    [Fact]
    public void AShortenedFileIsAnError()
    {
        byte[] tar = new TarBuilder().File("file", "content").ToArray();
        Digest chainId = Unpack(tar);
        File.WriteAllText(Path.Combine(_store.PathOf(chainId), "file"), "con");
        using Stream archive = _store.OpenArchive(chainId);
        Assert.Contains("shorter", Assert.Throws<StorageException>(() => archive.CopyTo(Stream.Null)).Message, StringComparison.Ordinal);
    }

    private void AssertComesBack(byte[] tar)
    {
        Digest chainId = Unpack(tar);
        using Stream archive = _store.OpenArchive(chainId);
        using MemoryStream copy = new();
        archive.CopyTo(copy);
        Assert.Equal(Encoding.Latin1.GetString(tar), Encoding.Latin1.GetString(copy.ToArray()));
        Assert.Equal(tar.Length, _store.ArchiveSizeOf(chainId));
    }

    private Digest Unpack(byte[] tar)
    {
        using StagedLayer layer = _store.Unpack(new MemoryStream(tar), CancellationToken.None, keepsArchive: true);
        Assert.Equal(Digest.Of(tar), layer.DiffId);
        _store.Commit(layer, layer.DiffId);
        return layer.DiffId;
    }
}
