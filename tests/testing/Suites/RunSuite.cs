using System.Globalization;
using System.Text;

namespace Tare.Testing.Suites;

/// <summary><c>run</c>: streams, exit codes, and the options that shape the process.</summary>
public abstract class RunSuite(DaemonFixture daemon, string client) : ClientSuite(daemon, client)
{
    [Fact]
    public void ProgramsSeeThatTheyRunInAContainer()
        => Assert.Equal("755 0", Sh("", "stat -c '%a %s' /.dockerenv").Ok().Text);

    [Fact]
    public void TheInitHasDockersName()
        => Assert.Equal("docker-init\n/sbin/docker-init -- sh -c ", Sh("--init", "cat /proc/1/comm; tr '\\0' ' ' < /proc/1/cmdline | head -c 27").Ok().Stdout);

    [Fact]
    public void KernelParametersOfTheUserComeAfterDockers()
        => Assert.Equal("600\t2000", Client(["run", "--rm", "--sysctl", "net.ipv4.ip_local_port_range=600 2000", "busybox", "cat", "/proc/sys/net/ipv4/ip_local_port_range"]).Ok().Text);

    [Fact]
    public void ExitCodeIsTheProcess() => Sh("", "exit 7").Exits(7);

    [Fact]
    public void DeathBySignalIs128PlusSignal() => Sh("--init", "kill -KILL $$").Exits(137);

    [Fact]
    public void StdoutAndStderrStayApart()
    {
        CommandResult result = Sh("", "echo out; echo err >&2").Ok();
        Assert.Equal("out\n", result.Stdout);
        Assert.Equal("err\n", result.Stderr);
    }

    [Fact]
    public void StdinReachesTheProcessWhole()
    {
        byte[] input = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 100_000).Select(i => i.ToString("D9", CultureInfo.InvariantCulture) + "\n")));
        CommandResult result = Client(["run", "--rm", "-i", "busybox", "cat"], input).Ok();
        Assert.Equal(input.Length, result.Stdout.Length);
        Assert.Equal(Encoding.ASCII.GetString(input), result.Stdout);
    }

    [Fact]
    public void EndOfStdinEndsTheReader() => Assert.Equal("3", Client(["run", "--rm", "-i", "busybox", "wc", "-l"], "a\nb\nc\n"u8.ToArray()).Ok().Text);

    [Fact]
    public void OutputOfAShortLivedProcessIsNeverLost()
    {
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("200000", Sh("", "head -c 200000 /dev/zero | tr '\\0' x").Ok().Stdout.Length.ToString(CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void DetachedRunPrintsTheId()
    {
        string id = Client("run -d busybox sleep 100").Ok().Text;
        Assert.Matches("^[0-9a-f]{64}$", id);
        Client($"rm -f {id}").Ok();
    }

    [Fact]
    public void RemovedContainerIsGone()
    {
        string name = NewName();
        Client($"run --rm --name {name} busybox true").Ok();
        Eventually.True(() => Client($"inspect {name}").ExitCode == 1, "the container is still there");
    }

    [Fact]
    public void EnvironmentWorkingDirectoryUserAndHostname()
    {
        CommandResult result = Sh("-e COLOR=blue -e EMPTY= -w /var/deep/er -u user -h box", "echo $COLOR-$EMPTY; pwd; id -u; id -g; hostname; echo $HOME; echo $HOSTNAME").Ok();
        Assert.Equal("blue-\n/var/deep/er\n1000\n1000\nbox\n/home/user\nbox\n", result.Stdout);
    }

    [Theory]
    [InlineData("1000:2000", "uid=1000(user) gid=2000(extra)")]
    [InlineData("4242", "uid=4242 gid=0(root)")]
    [InlineData("nobody", "uid=65534(nobody) gid=65534(nogroup)")]
    public void UserForms(string user, string expected) => Assert.StartsWith(expected, Sh("-u " + user, "id").Ok().Stdout, StringComparison.Ordinal);

    [Fact]
    public void SupplementaryGroupsOfTheImageApply() => Assert.Contains("2000(extra)", Sh("-u user", "id").Ok().Stdout, StringComparison.Ordinal);

    [Fact]
    public void UnknownUserIsAnError()
    {
        CommandResult result = Sh("-u ghost", "true");
        Assert.True(result.ExitCode is 125 or 126, result.Stderr);
        Assert.Contains("unable to find user ghost", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void EntrypointReplacesTheImages() => Assert.Equal("a b", Client("run --rm --entrypoint echo busybox a b").Ok().Text);

    [Fact]
    public void ReadOnlyRootWithTmpfs()
    {
        CommandResult result = Sh("--read-only --tmpfs /scratch:size=1m,mode=700", "touch /x; touch /scratch/y && ls -ld /scratch && df -k /scratch | tail -1");
        Assert.Contains("Read-only file system", result.Stderr, StringComparison.Ordinal);
        Assert.Contains("drwx------", result.Stdout, StringComparison.Ordinal);
        Assert.Contains("1024", result.Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public void BindMountsReadWriteAndReadOnly()
    {
        string folder = Directory.CreateDirectory(Path.Combine(Daemon.Root, NewName("bind"))).FullName;
        File.WriteAllText(Path.Combine(folder, "in"), "from the host");
        Assert.Equal("from the host", Sh($"-v {folder}:/data", "cat /data/in; echo made > /data/out").Ok().Text);
        Assert.Equal("made\n", File.ReadAllText(Path.Combine(folder, "out")));
        Assert.Contains("Read-only file system", Sh($"-v {folder}:/data:ro", "touch /data/x").Exits(1).Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingBindSourceOfDashVIsMade()
    {
        string folder = Path.Combine(Daemon.Root, NewName("made"), "deep");
        Sh($"-v {folder}:/data", "touch /data/x").Ok();
        Assert.True(File.Exists(Path.Combine(folder, "x")));
    }

    [Fact]
    public void MissingBindSourceOfMountIsAnError()
    {
        CommandResult result = Client($"run --rm --mount type=bind,source={Daemon.Root}/nowhere,target=/data busybox true").Exits(125);
        Assert.Contains("bind source path does not exist", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void NamedVolumesKeepTheirContent()
    {
        string volume = NewName("vol");
        Sh($"-v {volume}:/data", "echo kept > /data/file").Ok();
        Assert.Equal("kept", Sh($"-v {volume}:/data", "cat /data/file").Ok().Text);
    }

    [Fact]
    public void InitIsPid1AndReaps()
    {
        CommandResult result = Sh("--init", "(sleep 0.01 &) ; sleep 0.3; [ $$ != 1 ] && ps -o pid,stat | grep -c Z");
        Assert.Equal("0", result.Text);
    }

    [Fact]
    public void TerminalIsAPty() => Assert.Contains("/dev/pts/0\r\n", Client("run --rm -t busybox tty").Ok().Stdout, StringComparison.Ordinal);

    [Fact]
    public void InteractiveShellOnATerminal()
    {
        CommandResult result = Terminal("run --rm -ti busybox sh", "echo $((6*7))\nexit 5\n");
        Assert.Contains("42", result.Stdout, StringComparison.Ordinal);
        result.Exits(5);
    }

    [Fact]
    public void NamespacesAreTheContainersOwn()
    {
        string inside = Sh("", "for n in pid mnt uts ipc net; do readlink /proc/self/ns/$n; done").Ok().Stdout;
        foreach (string type in new[] { "pid", "mnt", "uts", "ipc", "net" })
        {
            string host = new FileInfo($"/proc/self/ns/{type}").LinkTarget!;
            Assert.DoesNotContain(host, inside, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void EnvironmentStandsInDockersOrder()
        => Assert.Equal("PATH=/bin:/usr/bin\nHOSTNAME=h\nA=\nHOME=/root\n", Client("run --rm -h h -e A= -e NOSUCH_VARIABLE busybox env").Ok().Stdout);

    [Fact]
    public void ReadOnlyBindsAreReadOnlyAllTheWayDown()
    {
        string source = Path.Combine(Daemon.Root, NewName("bind"));
        string below = Path.Combine(source, "below");
        Directory.CreateDirectory(below);
        Command.Run("/bin/mount", ["-t", "tmpfs", "none", below]).Ok();
        try
        {
            Assert.Contains("Read-only file system", Sh($"-v {source}:/b:ro", "touch /b/below/x").Exits(1).Stderr, StringComparison.Ordinal);
            string mount = $"--mount type=bind,src={source},dst=/b,readonly,bind-recursive=";
            Sh(mount + "writable", "touch /b/below/x").Ok();
            Sh(mount + "readonly,bind-propagation=rprivate", "touch /b/below/x").Exits(1);
            Assert.Equal("0", Sh(mount + "disabled", "ls /b/below | wc -l").Ok().Text);
            Client($"run --rm --mount type=bind,src={source},dst=/b,bind-recursive=readonly busybox true").Exits(125);
        }
        finally
        {
            Command.Run("/bin/umount", [below]).Ok();
        }
    }

    [Fact]
    public void TwentyAtOnce()
    {
        CommandResult[] results = Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => Sh("--net none", $"echo {i}")))).GetAwaiter().GetResult();
        for (int i = 0; i < results.Length; i++)
        {
            Assert.Equal(i.ToString(CultureInfo.InvariantCulture), results[i].Ok().Text);
        }
    }
}
