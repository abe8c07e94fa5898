namespace Tare.IntegrationTests.Daemon;

/// <summary>Volumes whose device is a file with a file system in it: mounted over a loop device that goes with the last mount.</summary>
public sealed class VolumeImageTests(DaemonFixture daemon) : IClassFixture<DaemonFixture>
{
    private string Image => Path.Combine(daemon.Root, "disk.img");

    [Theory]
    [InlineData("")]
    [InlineData("loop,noatime")]
    public void AFileIsMountedAndItsDeviceGoesWithTheLastContainer(string options)
    {
        MakeImage();
        daemon.Docker(["volume", "create", "-d", "local", "-o", "type=ext4", "-o", $"device={Image}", .. options.Length > 0 ? (string[])["-o", $"o={options}"] : [], "disk"]).Ok();
        daemon.Docker([.. "run --rm -v disk:/d busybox sh -c".Split(' '), "mkdir /d/made && echo kept > /d/made/file && df -T /d | grep -q ext4"]).Ok();
        Eventually.True(() => !IsAttached(), "a loop device is left");
        // Two volumes of one file share a device, for two would have caches of their own.
        daemon.Docker(["volume", "create", "-o", "type=ext4", "-o", $"device={Image}", "twin"]).Ok();
        Assert.Equal("new", daemon.Docker([.. "run --rm -v disk:/a -v twin:/b busybox sh -c".Split(' '), "cat /a/made/file >/dev/null && echo new > /a/made/file && cat /b/made/file"]).Ok().Text);
        Eventually.True(() => !IsAttached(), "a loop device is left");
        daemon.Docker("volume rm disk twin").Ok();
    }

    [Fact]
    public void ReadOnlyIsWhatTheOptionSaysOrTheFileAllows()
    {
        MakeImage();
        daemon.Docker(["volume", "create", "-o", "type=ext4", "-o", $"device={Image}", "-o", "o=ro", "sealed"]).Ok();
        Assert.Contains("Read-only file system", daemon.Docker([.. "run --rm -v sealed:/d busybox sh -c".Split(' '), "touch /d/x"]).Stderr, StringComparison.Ordinal);
        daemon.Docker("volume rm sealed").Ok();
    }

    [Fact]
    public void WhatIsNoFileSystemIsToldInDockersForm()
    {
        File.WriteAllBytes(Image, new byte[1 << 20]);
        daemon.Docker(["volume", "create", "-o", "type=ext4", "-o", $"device={Image}", "empty"]).Ok();
        string error = daemon.Docker("run --rm -v empty:/d busybox true").Stderr;
        Assert.Contains($"failed to mount local volume: mount {Image}:{daemon.DataRoot}/volumes/empty/_data: invalid argument", error, StringComparison.Ordinal);
        Eventually.True(() => !IsAttached(), "a loop device is left");
        daemon.Docker("volume rm empty").Ok();
    }

    [Fact]
    public void ASizeNeedsProjectQuotas()
    {
        Assert.Contains("invalid size: 'much'", daemon.Docker("volume create -o size=much sized").Stderr, StringComparison.Ordinal);
        CommandResult created = daemon.Docker("volume create -o size=10m sized");
        Assert.True(created.ExitCode == 0 || created.Stderr.Contains("create sized: quota size requested but no quota support", StringComparison.Ordinal), created.Stderr);
        daemon.Docker("volume rm -f sized");
    }

    private void MakeImage()
    {
        using (FileStream file = File.Create(Image))
        {
            file.SetLength(16 << 20);
        }

        Command.Run("/usr/sbin/mkfs.ext4", ["-q", Image]).Ok();
    }

    private bool IsAttached() => Directory.EnumerateDirectories("/sys/block", "loop*").Select(static folder => folder + "/loop/backing_file").Any(name => File.Exists(name) && File.ReadAllText(name).Trim() == Image);
}
