using Tare.Linux.Mounts;

namespace Tare.UnitTests.Linux.Mounts;

/// <summary>Options as the text that mount(2) takes.</summary>
public sealed class OptionTextTests
{
    [Fact]
    public void LayersBecomeOneOptionAndOthersStay()
        => Assert.Equal(
            "lowerdir=/l/top:/l/base,upperdir=/u,volatile,xino=on",
            OptionText.Of([("upperdir", "/u"), (OptionText.AppendedLower, "/l/top"), ("volatile", null), (OptionText.AppendedLower, "/l/base"), ("xino", "on")]));

    [Fact]
    public void WhatWouldEndAPathIsEscapedInLayersAlone()
        => Assert.Equal(
            """lowerdir=/a\:b\,c\\d,workdir=/x:y""",
            OptionText.Of([(OptionText.AppendedLower, """/a:b,c\d"""), ("workdir", "/x:y")]));

    [Fact]
    public void LengthsAreCountedInBytes()
    {
        Assert.True(OptionText.IsShort(null));
        Assert.True(OptionText.IsShort(new string('a', 255)));
        Assert.False(OptionText.IsShort(new string('ä', 128)));
        Assert.False(OptionText.IsTooLong(new string('a', OptionText.Longest)));
        Assert.True(OptionText.IsTooLong(new string('ä', (OptionText.Longest / 2) + 1)));
    }

    [Fact]
    public void DescriptorsAreShortNamesOfFolders()
    {
        string folder = Directory.CreateTempSubdirectory("tare-").FullName;
        File.WriteAllText(folder + "/file", "x");
        try
        {
            using FolderDescriptors folders = FolderDescriptors.Open([folder, "/", folder]);
            Assert.True(File.Exists(folders.NameOf(folder) + "/file"));
            Assert.NotEqual(folders.NameOf(folder), folders.NameOf("/"));
            Assert.Equal(Tare.Linux.Errno.ENOTDIR, Assert.Throws<Tare.Linux.LinuxException>(() => FolderDescriptors.Open(["/", folder + "/file"])).Errno);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
