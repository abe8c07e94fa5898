using Tare.Cli.Archives;
using Tare.Cli.CommandLine;

namespace Tare.UnitTests.Cli;

/// <summary>Where a copy goes, and under which name: the cases of moby's archive.PrepareArchiveCopy and of Go's path/filepath.</summary>
public sealed class CopyTests
{
    [Theory]
    [InlineData("", ".")]
    [InlineData("/", "/")]
    [InlineData("a//b/./c/..", "a/b")]
    [InlineData("../../x", "../../x")]
    [InlineData("/../x/", "/x")]
    public void Clean(string path, string expected) => Assert.Equal(expected, LocalPath.Clean(path));

    [Theory]
    [InlineData("/a/b", "/a", "b")]
    [InlineData("/a/b/", "/a", "b")]
    [InlineData("/a/b/.", "/a/b", ".")]
    [InlineData("/", "/", "/")]
    [InlineData("b", ".", "b")]
    public void Split(string path, string folder, string name) => Assert.Equal((folder, name), LocalPath.Split(path));

    [Theory]
    [InlineData("/x/a", "/x/a/", "/x/a/")]
    [InlineData("/x/a", "/x/a/.", "/x/a/.")]
    [InlineData("/", "/.", "/.")]
    [InlineData("/x/a", "/x/a", "/x/a")]
    public void TheEndOfAPathStays(string cleaned, string original, string expected) => Assert.Equal(expected, LocalPath.KeepEnd(cleaned, original));

    [Fact]
    public void IntoADirectoryThingsKeepTheirNames() => Assert.Equal(new CopyPlan("/dst", null), CopyPlan.Make(new CopyPlace("/src/f", true, false), new CopyPlace("/dst", true, true)));

    [Fact]
    public void OverAFileTheNameIsTheFiles() => Assert.Equal(new CopyPlan("/dst", ("f", "g")), CopyPlan.Make(new CopyPlace("/src/f", true, false), new CopyPlace("/dst/g", true, false)));

    [Fact]
    public void ADirectoryBecomesWhatIsMissing() => Assert.Equal(new CopyPlan("/dst", ("d", "new")), CopyPlan.Make(new CopyPlace("/src/d", true, true), new CopyPlace("/dst/new", false, false)));

    [Fact]
    public void TheContentOfADirectoryBecomesWhatIsMissing() => Assert.Equal(new CopyPlan("/dst", (".", "new")), CopyPlan.Make(new CopyPlace("/src/d/.", true, true), new CopyPlace("/dst/new/", false, false)));

    [Fact]
    public void ADirectoryIsNotCopiedOverAFile()
        => Assert.Equal("cannot copy directory", Assert.Throws<CommandException>(() => CopyPlan.Make(new CopyPlace("/src/d", true, true), new CopyPlace("/dst/f", true, false))).Message);

    [Fact]
    public void AFileMakesNoDirectory()
        => Assert.Equal("no such directory", Assert.Throws<CommandException>(() => CopyPlan.Make(new CopyPlace("/src/f", true, false), new CopyPlace("/dst/new/", false, false))).Message);

    [Fact]
    public void ANameThatALinkChangedIsLookedForInTheArchive()
        => Assert.Equal(new CopyPlan("/dst", ("link", "g")), CopyPlan.Make(new CopyPlace("/src/f", true, false, "link"), new CopyPlace("/dst/g", false, false)));
}
