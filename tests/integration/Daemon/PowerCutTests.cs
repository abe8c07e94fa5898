using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.Text;

namespace Tare.IntegrationTests.Daemon;

/// <summary>
/// The daemon is killed at its n-th step that writes, in the middle of pull, load, import, removal and prune, with n growing until the work gets through. After the restart no half
/// image is there, what was acknowledged is whole, and everything else is gone. The kill comes from strace, which counts the system calls of each thread.
/// </summary>
public sealed class PowerCutTests : IDisposable
{
    private const string Steps = "pwrite64,pwritev,ftruncate,fallocate,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,link,linkat,symlink,symlinkat,mknodat,fsync,fdatasync,syncfs,fchmod,fchown,utimensat";
    private readonly DaemonFixture _daemon = new();
    private readonly Registry _registry;

    public PowerCutTests()
    {
        _registry = new Registry($"{_daemon.Root}/registry");
        _registry.Push("team/cut", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar).Layer(SmallFiles()).Finish("amd64", "cat", "/files/19"));
    }

    private string Image => $"{_registry.Host}/team/cut:v1";

    public void Dispose()
    {
        _registry.Dispose();
        _daemon.Dispose();
    }

    [Fact]
    public void Pull() => Cut(["pull", Image], () => { }, acknowledged => AssertWhole(Image, "19", acknowledged));

    [Fact]
    public void Load()
    {
        _daemon.Tare($"pull {Image}").Ok();
        string archive = $"{_daemon.Root}/cut.tar";
        _daemon.Tare($"save -o {archive} {Image}").Ok();
        _daemon.Tare($"rmi {Image}").Ok();
        Cut(["load", "-i", archive], () => { }, acknowledged => AssertWhole(Image, "19", acknowledged));
    }

    [Fact]
    public void Import()
    {
        string archive = $"{_daemon.Root}/root.tar";
        File.WriteAllBytes(archive, SmallFiles(BusyboxRoot.Tar));
        Cut(["import", "-c", "CMD [\"cat\", \"/files/19\"]", "-c", "ENV PATH=/bin", archive, "imported:1"], () => { }, acknowledged => AssertWhole("imported:1", "19", acknowledged));
    }

    [Fact]
    public void Removal() => Cut(["rmi", Image], () => _daemon.Tare($"pull {Image}").Ok(), AssertGone);

    [Fact]
    public void Prune() => Cut(["image", "prune", "-af"], () => _daemon.Tare($"pull {Image}").Ok(), AssertGone);

    private void AssertWhole(string image, string output, bool acknowledged)
    {
        if (_daemon.Tare($"inspect {image}").ExitCode == 0)
        {
            Assert.Equal(output, _daemon.Tare($"run --rm {image}").Ok().Text);
        }
        else
        {
            Assert.False(acknowledged, image + " was acknowledged, and is not there");
        }
    }

    private void AssertGone(bool acknowledged)
    {
        bool isThere = _daemon.Tare($"inspect {Image}").ExitCode == 0;
        Assert.False(acknowledged && isThere, "the removal was acknowledged, and the image is there");
        if (isThere)
        {
            Assert.Equal("19", _daemon.Tare($"run --rm {Image}").Ok().Text);
        }
    }

    private void Cut(string[] command, Action prepare, Action<bool> check)
    {
        int kills = 0;
        for (int step = 1; ; step = Math.Max(step + 1, step * 3 / 2))
        {
            prepare();
            bool acknowledged = RunKilledAt(step, command);
            // A daemon that is being taken apart by the kernel does not answer.
            bool isKilled = _daemon.Tare("version").ExitCode != 0;
            if (isKilled)
            {
                kills++;
                _daemon.WaitForEnd();
                _daemon.StartDaemon();
            }

            check(acknowledged);
            Assert.True(_daemon.Tare("system check").ExitCode == 0, $"killed at step {step}: {_daemon.Tare("system check").Stdout}");
            _daemon.Tare("image prune -af").Ok();
            Assert.Equal("", _daemon.Tare("images -aq").Ok().Text);
            Assert.Empty(Directory.GetFileSystemEntries($"{_daemon.DataRoot}/content/sha256"));
            Assert.Equal([$"{_daemon.DataRoot}/layers/.staging"], Directory.GetFileSystemEntries($"{_daemon.DataRoot}/layers"));
            Assert.Empty(Directory.GetFileSystemEntries($"{_daemon.DataRoot}/layers/.staging"));
            if (!isKilled)
            {
                Assert.True(acknowledged, "the daemon lives, and the command failed");
                break;
            }
        }

        Assert.True(kills >= 4, $"the daemon was killed only {kills} times");
    }

    /// <summary>Runs a command while strace watches the daemon; returns whether it succeeded.</summary>
    private bool RunKilledAt(int step, string[] command)
    {
        string pid = _daemon.DaemonPid.ToString(CultureInfo.InvariantCulture);
        using Process strace = Command.Start("/usr/bin/strace", ["-f", "-qq", "-p", pid, "-o", "/dev/null", "-e", "trace=" + Steps, "-e", $"inject={Steps}:signal=SIGKILL:when={step}"]);
        try
        {
            Eventually.True(() => IsTraced(pid) || strace.HasExited, "strace does not attach");
            Assert.False(strace.HasExited && !_daemon.HasEnded, "strace: " + (strace.HasExited ? strace.StandardError.ReadToEnd() : ""));
            return _daemon.Tare(command).ExitCode == 0;
        }
        finally
        {
            strace.Kill();
            strace.WaitForExit();
        }
    }

    private static bool IsTraced(string pid)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{pid}/task").All(task => !File.ReadAllText(task + "/status").Contains("TracerPid:\t0\n", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false; // a thread ended while we looked
        }
    }

    private static byte[] SmallFiles(byte[]? before = null)
    {
        using MemoryStream stream = new();
        stream.Write((before ?? []).AsSpan()[..^(before is null ? 0 : 1024)]);
        using (TarWriter tar = new(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            for (int i = 0; i < 20; i++)
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"files/{i}") { DataStream = new MemoryStream(Encoding.ASCII.GetBytes(i.ToString(CultureInfo.InvariantCulture))) });
            }
        }

        return stream.ToArray();
    }
}
