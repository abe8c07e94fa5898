using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Interop;
using Tare.Storage;
using Tare.Storage.Tar;

namespace Tare.UnitTests.Storage;

/// <summary>Trees become archives and archives trees, and neither leads out of its root.</summary>
public sealed class TreeArchiveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheSameTreeGivesTheSameBytes()
    {
        MakeTree(_folder["one"]);
        byte[] first = Archive(_folder["one"]);
        using ConfinedRoot target = ConfinedRoot.Open(Directory.CreateDirectory(_folder["two"]).FullName);
        TreeArchive.Extract(target, "", new MemoryStream(first), new ExtractOptions(), CancellationToken.None);
        Assert.Equal(first, Archive(_folder["two"]));
        Assert.Equal("text", File.ReadAllText(_folder["two/dir/file"]));
        Assert.Equal(FileStatus.Of(_folder["two/dir/file"]).Inode, FileStatus.Of(_folder["two/hard"]).Inode);
        Assert.Equal("dir/file", new FileInfo(_folder["two/soft"]).LinkTarget);
    }

    [Fact]
    public void HolesStayHoles()
    {
        Directory.CreateDirectory(_folder["one"]);
        using (FileStream file = File.Create(_folder["one/sparse"]))
        {
            file.SetLength(64 << 20);
            file.Position = 40 << 20;
            file.Write("data"u8);
        }

        using ConfinedRoot target = ConfinedRoot.Open(Directory.CreateDirectory(_folder["two"]).FullName);
        TreeArchive.Extract(target, "", new MemoryStream(Archive(_folder["one"])), new ExtractOptions(), CancellationToken.None);
        FileStatus status = FileStatus.Of(_folder["two/sparse"]);
        Assert.Equal(64 << 20, status.SizeBytes);
        Assert.InRange(status.AllocatedBytes, 1, 2 << 20);
        using FileStream copy = File.OpenRead(_folder["two/sparse"]);
        copy.Position = 40 << 20;
        Span<byte> data = stackalloc byte[4];
        copy.ReadExactly(data);
        Assert.Equal("data"u8, data);
    }

    [Fact]
    public void AResourceGetsItsName()
    {
        MakeTree(_folder["one"]);
        using ConfinedRoot root = ConfinedRoot.Open(_folder.Path);
        using Microsoft.Win32.SafeHandles.SafeFileHandle place = root.OpenInside("one/dir", Libc.O_PATH);
        Assert.Equal(["named/", "named/file"], Names(output => TreeArchive.WriteResource(place, "named", output, null, CancellationToken.None)));
        Assert.Equal(["./", "./file"], Names(output => TreeArchive.WriteResource(place, ".", output, null, CancellationToken.None)));
        Assert.Equal(["/", "/file"], Names(output => TreeArchive.WriteResource(place, "", output, null, CancellationToken.None)));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("dir/../../outside")]
    public void EntriesThatLeadOutsideAreRefused(string path)
    {
        byte[] tar = new TarBuilder().File(path, "x").ToArray();
        Assert.Contains("leads outside", Assert.Throws<StorageException>(() => Extract(tar, "in")).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["outside"]));
    }

    [Fact]
    public void LinksAreFollowedInsideTheRootOnly()
    {
        Directory.CreateDirectory(_folder["root/target"]);
        Directory.CreateDirectory(_folder["root/in"]);
        Directory.CreateDirectory(_folder["target"]);
        File.CreateSymbolicLink(_folder["root/in/absolute"], "/target");
        File.CreateSymbolicLink(_folder["root/in/up"], "../../../target");
        byte[] tar = new TarBuilder().File("absolute/a", "x").File("up/b", "x").ToArray();
        Extract(tar, "in");
        Assert.True(File.Exists(_folder["root/target/a"]));
        Assert.True(File.Exists(_folder["root/target/b"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["target"]));
    }

    [Fact]
    public void KindsAreKeptWhereThatIsAskedFor()
    {
        Directory.CreateDirectory(_folder["root/in/thing"]);
        byte[] tar = new TarBuilder().File("thing", "x").ToArray();
        StorageException refused = Assert.Throws<StorageException>(() => Extract(tar, "in", new ExtractOptions { KeepKinds = true }));
        Assert.Equal("cannot overwrite directory \"/in/thing\" with non-directory \"/in\"", refused.Message);
        Extract(tar, "in");
        Assert.True(File.Exists(_folder["root/in/thing"]));
        byte[] folder = new TarBuilder().Folder("thing/").ToArray();
        refused = Assert.Throws<StorageException>(() => Extract(folder, "in", new ExtractOptions { KeepKinds = true }));
        Assert.Equal("cannot overwrite non-directory \"/in/thing\" with directory \"/in\"", refused.Message);
    }

    [Fact]
    public void WhiteoutsOfALayerAreFilesOfAnArchive()
    {
        Extract(new TarBuilder().File(".wh.name", "x").ToArray(), "in");
        Assert.True(File.Exists(_folder["root/in/.wh.name"]));
    }

    [Fact]
    public void TheFirstComponentIsReplaced()
    {
        byte[] tar = new TarBuilder().Folder("old/").File("old/old", "x").Link("old/hard", "old/old", hard: true).ToArray();
        Extract(tar, "in", new ExtractOptions { Rebase = ("old", "new") });
        Assert.True(File.Exists(_folder["root/in/new/old"]));
        Assert.True(File.Exists(_folder["root/in/new/hard"]));
    }

    [Fact]
    public void ATruncatedArchiveIsAnError()
    {
        byte[] tar = new TarBuilder().File("file", new string('x', 10_000)).ToArray();
        Assert.Contains("unexpected EOF", Assert.Throws<StorageException>(() => Extract(tar[..4000], "in")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingDirectoryIsAnErrorOfTheCall()
    {
        Directory.CreateDirectory(_folder["root"]);
        using ConfinedRoot root = ConfinedRoot.Open(_folder["root"]);
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => root.OpenInside("missing", Libc.O_PATH)).Errno);
    }

    private static void MakeTree(string path)
    {
        Directory.CreateDirectory(path + "/dir");
        File.WriteAllText(path + "/dir/file", "text");
        File.WriteAllText(path + "/empty", "");
        File.CreateSymbolicLink(path + "/soft", "dir/file");
        Assert.Equal(0, Libc.linkat(Libc.AT_FDCWD, path + "/dir/file", Libc.AT_FDCWD, path + "/hard", 0));
    }

    private void Extract(byte[] tar, string directory, ExtractOptions? options = null)
    {
        Directory.CreateDirectory(_folder["root/" + directory]);
        using ConfinedRoot root = ConfinedRoot.Open(_folder["root"]);
        TreeArchive.Extract(root, directory, new MemoryStream(tar), options ?? new ExtractOptions(), CancellationToken.None);
    }

    private static byte[] Archive(string path)
    {
        using ConfinedRoot root = ConfinedRoot.Open(path);
        using MemoryStream output = new();
        TreeArchive.WriteContent(root.Handle, output, null, CancellationToken.None);
        return output.ToArray();
    }

    private static List<string> Names(Action<Stream> write)
    {
        using MemoryStream stream = new();
        write(stream);
        stream.Position = 0;
        TarReader reader = new(stream);
        List<string> names = [];
        while (reader.Next() is { } entry)
        {
            names.Add(entry.Path);
        }

        return names;
    }
}
