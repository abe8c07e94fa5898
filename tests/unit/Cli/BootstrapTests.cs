using Tare.Cli.Bootstrap;
using Tare.Cli.CommandLine;

namespace Tare.UnitTests.Cli;

public sealed class BootstrapTests
{
    [Theory]
    [InlineData("debian:bookworm", "debian", "bookworm")]
    [InlineData("debian", "debian", "stable")]
    [InlineData("debian:latest", "debian", "stable")]
    [InlineData("ubuntu:noble", "ubuntu", "noble")]
    [InlineData("debian:bookworm-backports", "debian", "bookworm-backports")]
    public void ADistributionIsReadFromAName(string text, string name, string suite)
        => Assert.Equal(new Distribution(name, suite), Distribution.Parse(text));

    [Theory]
    [InlineData("alpine:3", "\"alpine\" is no distribution")]
    [InlineData("ubuntu", "ubuntu needs a suite")]
    [InlineData("debian:../../etc", "\"../../etc\" is no suite")]
    [InlineData("debian:--help", "\"--help\" is no suite")]
    public void OthersAreRefusedWithTheWayOut(string text, string message)
        => Assert.Contains(message, Assert.Throws<CommandException>(() => Distribution.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("amd64", "amd64", null)]
    [InlineData("arm64", "arm64", "v8")]
    [InlineData("armhf", "arm", "v7")]
    [InlineData("i386", "386", null)]
    public void ArchitecturesOfPackagesAreThoseOfImages(string package, string image, string? variant)
        => Assert.Equal((image, variant), Distribution.ImageArchitecture(package));

    [Fact]
    public void TheReleaseSaysWhenItWasMade()
    {
        string[] lines = ["Origin: Debian", "Suite: oldstable", "Date: Sat, 06 Sep 2025 10:09:25 UTC", "Architectures: all amd64"];
        Assert.Equal(new DateTimeOffset(2025, 9, 6, 10, 9, 25, TimeSpan.Zero), ReleaseFile.Date(lines));
        Assert.Null(ReleaseFile.Date(["Origin: Debian", "Date: some day"]));
    }

    [Theory]
    [InlineData("debian.sources", "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\n")]
    [InlineData("debian.list", "# deb http://old.example/debian bookworm main\ndeb [signed-by=/usr/share/keyrings/a.gpg] http://mirror.example/debian bookworm main\n")]
    public void TheMachinesOwnMirrorIsFound(string name, string text)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tare-apt");
        try
        {
            Directory.CreateDirectory(folder.FullName + "/sources.list.d");
            File.WriteAllText($"{folder.FullName}/sources.list.d/{name}", text);
            File.WriteAllText($"{folder.FullName}/sources.list.d/{name}.disabled", "URIs: http://other.example/\n");
            Assert.Equal("http://mirror.example/debian", AptSources.FirstMirror(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void NoSourcesAreNoMirror() => Assert.Null(AptSources.FirstMirror("/nonexistent"));
}
