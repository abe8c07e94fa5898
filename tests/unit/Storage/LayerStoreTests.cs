using System.Formats.Tar;
using System.IO.Compression;
using Tare.Oci.Images;
using Tare.Storage;
using Tare.Storage.Layers;

namespace Tare.UnitTests.Storage;

/// <summary>Layers are unpacked whole and inside their root, or not at all.</summary>
public sealed class LayerStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LayerStore _store;

    public LayerStoreTests() => _store = new LayerStore(_folder["layers"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FilesFoldersAndLinks()
    {
        byte[] tar = new TarBuilder().Folder("dir/").File("dir/file", "content").Link("dir/soft", "file").Link("hard", "dir/file", hard: true).File("made/on/the/way").ToArray();
        string tree = Apply(tar);
        Assert.Equal("content", File.ReadAllText(Path.Combine(tree, "dir/file")));
        Assert.Equal("content", File.ReadAllText(Path.Combine(tree, "hard")));
        Assert.Equal("file", new FileInfo(Path.Combine(tree, "dir/soft")).LinkTarget);
        Assert.True(File.Exists(Path.Combine(tree, "made/on/the/way")));
    }

    [Fact]
    public void ModesAndTimesAreKept()
    {
        DateTimeOffset time = new(2001, 2, 3, 4, 5, 6, TimeSpan.Zero);
        byte[] tar = new TarBuilder().File("file", "x", entry =>
        {
            entry.Mode = UnixFileMode.UserRead | UnixFileMode.UserExecute;
            entry.ModificationTime = time;
        }).ToArray();
        FileInfo file = new(Path.Combine(Apply(tar), "file"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserExecute, file.UnixFileMode);
        Assert.Equal(time.UtcDateTime, file.LastWriteTimeUtc);
    }

    [Fact]
    public void DirectoriesThatALayerDoesNotDescribeAreThoseBelow()
    {
        DateTimeOffset time = new(2001, 2, 3, 4, 5, 6, TimeSpan.Zero);
        TarEntry Folder(string path, UnixFileMode mode) => new PaxTarEntry(TarEntryType.Directory, path) { Mode = mode, ModificationTime = time };
        byte[][] archives =
        [
            new TarBuilder().Add(Folder("a/", UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite)).Add(Folder("a/b/", (UnixFileMode)0x3FF)).File("c", "no directory").ToArray(),
            new TarBuilder().File("nothing", "here").ToArray(),
            new TarBuilder().File("a/b/file", "x").File("c/d/file", "y").Link("l", "a").File("l/b2/file", "z").Add(Folder("a/b2/", UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite)).ToArray(),
        ];
        Digest[] diffIds = [.. archives.Select(archive => Digest.Of(archive))];
        IReadOnlyList<Digest> chain = ChainId.Of(diffIds);
        for (int i = 0; i < archives.Length; i++)
        {
            _store.Apply(chain[i], new MemoryStream(archives[i]), diffIds[i], CancellationToken.None);
        }

        _store.Inherit(chain);
        string tree = _store.PathOf(chain[2]);
        Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(tree + "/a"));
        Assert.Equal((UnixFileMode)0x3FF, File.GetUnixFileMode(tree + "/a/b"));
        Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(tree + "/a/b2"));
        Assert.Equal(time.UtcDateTime, Directory.GetLastWriteTimeUtc(tree + "/a/b"));
        // What hides another kind of file is a directory of its own.
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(tree + "/c"));
        Assert.False(File.Exists(Path.GetDirectoryName(tree) + "/implied"));

        // Once done it stays, whatever the directory is changed to later.
        File.SetUnixFileMode(tree + "/a", (UnixFileMode)0x1ED);
        _store.Inherit(chain);
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(tree + "/a"));
    }

    [Theory]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.Pax)]
    public void VeryLongNames(TarEntryFormat format)
    {
        string name = string.Join('/', Enumerable.Repeat(new string('n', 100), 5));
        TarEntry entry = format == TarEntryFormat.Gnu ? new GnuTarEntry(TarEntryType.RegularFile, name) : new PaxTarEntry(TarEntryType.RegularFile, name);
        Assert.True(File.Exists(Path.Combine(Apply(new TarBuilder(format).Add(entry).ToArray()), name)));
    }

    [Fact]
    public void GzipIsRecognised()
    {
        byte[] tar = new TarBuilder().File("file", "x").ToArray();
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(tar);
        }

        Digest diffId = Digest.Of(tar);
        _store.Apply(diffId, new MemoryStream(compressed.ToArray()), diffId, CancellationToken.None);
        Assert.True(File.Exists(Path.Combine(_store.PathOf(diffId), "file")));
    }

    [Theory]
    [InlineData("../out")]
    [InlineData("a/../../out")]
    public void EntriesThatClimbOutAreRefused(string path) => AssertRefused(new TarBuilder().File(path, "x").ToArray(), "outside");

    [Fact]
    public void AbsolutePathsStayInside() => Assert.True(File.Exists(Path.Combine(Apply(new TarBuilder().File("/etc/inside", "x").ToArray()), "etc/inside")));

    [Fact]
    public void LinksLeadNowhereElse()
    {
        string outside = Directory.CreateDirectory(_folder["outside"]).FullName;
        AssertRefused(new TarBuilder().Link("out", outside).File("out/escaped", "x").ToArray(), "no link to one inside the layer");
        AssertRefused(new TarBuilder().Link("up", "../../../../../../../../" + outside).File("up/escaped", "x").ToArray(), "no link to one inside the layer");
        Assert.Empty(Directory.GetFileSystemEntries(outside));
    }

    [Fact]
    public void LinksAreFollowedInsideTheLayer()
    {
        string tree = Apply(new TarBuilder().Folder("usr/").Folder("usr/bin/").Link("bin", "/usr/bin").File("bin/tool", "x").ToArray());
        Assert.True(File.Exists(Path.Combine(tree, "usr/bin/tool")));
    }

    [Fact]
    public void AFileReplacesALink()
    {
        string victim = _folder["victim"];
        File.WriteAllText(victim, "safe");
        string tree = Apply(new TarBuilder().Link("name", victim).File("name", "new").ToArray());
        Assert.Equal("safe", File.ReadAllText(victim));
        Assert.Equal("new", File.ReadAllText(Path.Combine(tree, "name")));
    }

    [Fact]
    public void AFileReplacesAFolderWithAllInIt()
    {
        string tree = Apply(new TarBuilder().Folder("name/").File("name/inside", "x").File("name", "file").ToArray());
        Assert.Equal("file", File.ReadAllText(Path.Combine(tree, "name")));
    }

    [Fact]
    public void HardLinksToTheOutsideAreRefused() => AssertRefused(new TarBuilder().Link("stolen", "../../../../etc/passwd", hard: true).ToArray(), "outside");

    [Fact]
    public void HardLinksToNothingAreRefused() => AssertRefused(new TarBuilder().Link("stolen", "no/such/file", hard: true).ToArray(), "not in the layer");

    [Fact]
    public void TruncatedArchive()
    {
        byte[] tar = new TarBuilder().File("file", new string('x', 4000)).ToArray();
        AssertRefused(tar[..2000], "unexpected EOF");
    }

    [Fact]
    public void RubbishIsNoArchive() => AssertRefused([.. Enumerable.Repeat((byte)7, 2048)], "invalid tar header");

    [Fact]
    public void AnotherDiffIdIsRefused()
    {
        byte[] tar = new TarBuilder().File("file", "x").ToArray();
        StorageException failure = Assert.Throws<StorageException>(() => _store.Apply(Digest.Of("a"u8), new MemoryStream(tar), Digest.Of("b"u8), CancellationToken.None));
        Assert.Contains("diff ID", failure.Message, StringComparison.Ordinal);
        AssertEmpty();
    }

    [Fact]
    public void UnfinishedLayersAreRemovedAtTheNextStart()
    {
        Directory.CreateDirectory(Path.Combine(_folder["layers"], ".staging", "half", "diff", "dir"));
        _ = new LayerStore(_folder["layers"]);
        AssertEmpty();
    }

    [Fact]
    public void DeletedLayersAreGone()
    {
        byte[] tar = new TarBuilder().Folder("a/").File("a/b", "x").ToArray();
        Apply(tar);
        _store.Delete(Digest.Of(tar));
        AssertEmpty();
    }

    private string Apply(byte[] tar)
    {
        Digest diffId = Digest.Of(tar);
        _store.Apply(diffId, new MemoryStream(tar), diffId, CancellationToken.None);
        Assert.True(_store.Contains(diffId));
        return _store.PathOf(diffId);
    }

    private void AssertRefused(byte[] tar, string message)
    {
        StorageException failure = Assert.Throws<StorageException>(() => Apply(tar));
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        AssertEmpty();
    }

    private void AssertEmpty()
    {
        Assert.Empty(_store.Enumerate());
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_folder["layers"], ".staging")));
    }
}
