using System.Formats.Tar;

namespace Tare.IntegrationTests.Daemon;

/// <summary>A daemon whose disk is full says so, leaves nothing half-made, and goes on as soon as there is room.</summary>
public sealed class FullDiskTests(FullDiskTests.SmallDisk daemon) : IClassFixture<FullDiskTests.SmallDisk>
{
    [Fact]
    public void ImportThatDoesNotFit()
    {
        CommandResult result = daemon.Tare(["import", "-", "big:1"], BigTar()).Exits(1);
        Assert.Contains("no space left on device", result.Stderr, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(daemon.DataRoot, "layers", ".staging")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(daemon.DataRoot, "content", "ingest")));
        Assert.Equal("ok", daemon.Tare("run --rm busybox echo ok").Ok().Text);
    }

    [Fact]
    public void ContainerThatFillsTheDiskIsRemovedAllTheSame()
    {
        daemon.Tare(["run", "--rm", "busybox", "sh", "-c", "head -c 60000000 /dev/zero > /fill"], timeout: TimeSpan.FromSeconds(20)).Exits(1);
        Assert.Equal("ok", daemon.Tare("run --rm busybox echo ok").Ok().Text);
        daemon.Tare(["run", "--name", "filler", "busybox", "sh", "-c", "head -c 60000000 /dev/zero > /fill"], timeout: TimeSpan.FromSeconds(20)).Exits(1);
        Assert.NotEqual(0, daemon.Tare("run --rm busybox echo no").ExitCode);
        daemon.Tare("rm filler").Ok();
        Assert.Equal("ok", daemon.Tare("run --rm busybox echo ok").Ok().Text);
        Assert.Equal("", daemon.Tare("ps -aq").Ok().Text);
    }

    private static byte[] BigTar()
    {
        byte[] noise = new byte[30 << 20];
        new Random(1).NextBytes(noise);
        MemoryStream stream = new();
        using (TarWriter tar = new(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "noise") { DataStream = new MemoryStream(noise) });
        }

        return stream.ToArray();
    }

    /// <summary>A daemon whose data root is a file system of 16 MiB.</summary>
    public sealed class SmallDisk : DaemonFixture
    {
        /// <inheritdoc/>
        protected override void BeforeStart()
        {
            Directory.CreateDirectory(DataRoot);
            Command.Run("/bin/mount", ["-t", "tmpfs", "-o", "size=16m", "none", DataRoot]).Ok();
        }

        /// <inheritdoc/>
        protected override void AfterStop() => Command.Run("/bin/umount", [DataRoot]).Ok();
    }
}
