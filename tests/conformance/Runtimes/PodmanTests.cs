namespace Tare.ConformanceTests.Runtimes;

/// <summary>podman and conmon run containers by tare-runtime.</summary>
public sealed class PodmanTests(PodmanFixture podman) : IClassFixture<PodmanFixture>
{
    [Theory]
    [InlineData("none")]
    [InlineData("host")]
    public void RunReturnsOutputAndExitCode(string network)
    {
        CommandResult result = Run(["--rm", "--net", network], "echo out; echo err >&2; exit 7").Exits(7);
        Assert.Equal("out\n", result.Stdout);
        Assert.Equal("err\n", result.Stderr);
    }

    [Fact]
    public void ACommandThatIsMissing() => podman.Podman(["run", "--rm", "--net", "none", "--cgroup-parent", podman.Root.CgroupParent, "busybox", "nope"]).Exits(127);

    [Fact]
    public void StdinReachesTheProcessWhole() => Assert.Equal("100000", Run(["--rm", "-i", "--net", "none"], "wc -c", new byte[100_000]).Ok().Text);

    [Fact]
    public void ATerminal()
        => Assert.Contains("/dev/pts/0", podman.Root.RunOnTerminal(string.Join(' ', podman.PodmanCommand) + $" run --rm -t --net none --cgroup-parent {podman.Root.CgroupParent} busybox tty").Ok().Stdout, StringComparison.Ordinal);

    [Fact]
    public void AContainersLife()
    {
        Run(["-d", "--net", "none", "--name", "life", "--memory", "64m"], "trap 'exit 3' TERM; while true; do sleep 0.05; done").Ok();
        Assert.Equal("in 1000\ndata\n", podman.Podman(["exec", "-i", "-u", "1000", "life", "sh", "-c", "echo in $(id -u); cat; exit 3"], "data\n"u8.ToArray()).Exits(3).Stdout);
        podman.Podman(["exec", "life", "nope"]).Exits(127);
        Assert.Matches("^[1-9].*B / 67.*MB$", podman.Podman(["stats", "--no-stream", "--format", "{{.MemUsage}}", "life"]).Ok().Text);
        Assert.Contains("sh -c trap", podman.Podman(["top", "life", "args"]).Ok().Stdout, StringComparison.Ordinal);
        podman.Podman(["pause", "life"]).Ok();
        Assert.Equal("paused", podman.Podman(["inspect", "-f", "{{.State.Status}}", "life"]).Ok().Text);
        podman.Podman(["unpause", "life"]).Ok();
        podman.Podman(["update", "--memory", "100m", "life"]).Ok();
        Assert.Equal("104857600", podman.Podman(["exec", "life", "sh", "-c", "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; true"]).Ok().Text);
        podman.Podman(["stop", "life"]).Ok();
        Assert.Equal("3", podman.Podman(["inspect", "-f", "{{.State.ExitCode}}", "life"]).Ok().Text);
        podman.Podman(["start", "life"]).Ok();
        podman.Podman(["kill", "life"]).Ok();
        Assert.Equal("137", podman.Podman(["wait", "life"]).Ok().Text);
        podman.Podman(["rm", "life"]).Ok();
    }

    [Fact]
    public void CheckpointAndRestore()
    {
        Run(["-d", "--net", "none", "--name", "kept"], "i=0; while true; do i=$((i+1)); echo $i > /tmp/new; mv /tmp/new /count; sleep 0.05; done").Ok();
        Eventually.True(() => Count() > 2, "it does not count");
        podman.Podman(["container", "checkpoint", "kept"]).Ok();
        Assert.Equal("true", podman.Podman(["inspect", "-f", "{{.State.Checkpointed}}", "kept"]).Ok().Text);
        podman.Podman(["container", "restore", "kept"]).Ok();
        int restored = Count();
        Eventually.True(() => Count() > restored + 2, "it does not go on");
        podman.Podman(["container", "checkpoint", "--leave-running", "--export", podman.Root.Folder + "/kept.tar", "kept"]).Ok();
        int first = Count();
        podman.Podman(["rm", "-f", "-t", "0", "kept"]).Ok();
        podman.Podman(["container", "restore", "--import", podman.Root.Folder + "/kept.tar"]).Ok();
        Eventually.True(() => Count() > first, "the imported one does not go on");
        Assert.True(Count() < first + 1000, "it has begun anew");
        podman.Podman(["rm", "-f", "-t", "0", "kept"]).Ok();

        int Count() => int.TryParse(podman.Podman(["exec", "kept", "cat", "/count"]).Stdout, out int count) ? count : 0;
    }

    [Fact]
    public void AUserNamespaceWithLimits()
    {
        CommandResult result = Run(["--rm", "--net", "none", "-m", "64m", "--uidmap", "0:100000:65536"], "id -u; cat /proc/self/uid_map | tr -s ' ' :").Ok();
        Assert.Equal("0\n:0:100000:65536\n", result.Stdout);
    }

    [Fact]
    public void ReadOnlyPrivilegedAndInit()
    {
        Assert.Equal("fixed\n", Run(["--rm", "--net", "none", "--read-only"], "touch /x || echo fixed; touch /tmp/x").Ok().Stdout);
        Assert.Equal("fixed\n", Run(["--rm", "--net", "none", "--read-only", "--read-only-tmpfs=false"], "touch /dev/x || echo fixed").Ok().Stdout);
        Assert.Equal("writable\n", Run(["--rm", "--net", "none", "--privileged"], "mount -t tmpfs none /mnt 2>/dev/null || mkdir /mnt; mount -t tmpfs none /mnt && echo writable").Ok().Stdout);
        Assert.Equal("0:77:0\n", Run(["--rm", "--net", "none", "--ulimit", "nofile=77:77", "--security-opt", "no-new-privileges"], "echo 0:$(ulimit -n):$(grep -c 'NoNewPrivs:.0' /proc/self/status)").Ok().Stdout);
    }

    [Fact]
    public void ContainersOfAPodShareNamespaces()
    {
        Run(["-d", "--net", "none", "--name", "first", "--ipc", "shareable"], "sleep 1000").Ok();
        string pid = podman.Podman(["inspect", "-f", "{{.State.Pid}}", "first"]).Ok().Text;
        CommandResult second = Run(["--rm", "--net", "container:first", "--ipc", "container:first", "--pid", "container:first"], "for k in net ipc pid; do readlink /proc/self/ns/$k; done").Ok();
        Assert.Equal(string.Concat(new[] { "net", "ipc", "pid" }.Select(kind => new FileInfo($"/proc/{pid}/ns/{kind}").LinkTarget + "\n")), second.Stdout);
        podman.Podman(["rm", "-f", "-t", "0", "first"]).Ok();
    }

    [Fact]
    public void PodmanBuilds()
    {
        string folder = Dockerfile("FROM localhost/busybox\nRUN echo built > /made && id -u >> /made\nUSER 1000\nRUN id -u > /tmp/user\n");
        podman.Podman(["build", "--isolation", "oci", "--network", "none", "-t", "localhost/built", folder]).Ok();
        CommandResult result = podman.Podman(["run", "--rm", "--net", "none", "--cgroup-parent", podman.Root.CgroupParent, "localhost/built", "cat", "/made", "/tmp/user"]).Ok();
        Assert.Equal("built\n0\n1000\n", result.Stdout);
    }

    [Fact]
    public void BuildahBuildsAndRuns()
    {
        string folder = Dockerfile("FROM localhost/busybox\nRUN --mount=type=tmpfs,target=/scratch touch /scratch/x && echo built > /made\n");
        podman.Buildah("build", "--isolation", "oci", "--runtime", podman.Root.Runtime, "--network", "none", "-t", "localhost/by-buildah", folder).Ok();
        string working = podman.Buildah("from", "localhost/by-buildah").Ok().Text;
        CommandResult result = podman.Buildah("run", "--isolation", "oci", "--runtime", podman.Root.Runtime, "--network", "none", working, "sh", "-c", "cat /made; exit 9");
        Assert.Equal("built\n", result.Stdout);
        Assert.Equal(9, result.ExitCode);
        podman.Buildah("rm", working).Ok();
    }

    [Fact]
    public void ABuildStepThatFailsEndsTheBuild()
        => Assert.Contains("exit status 4", podman.Buildah("build", "--isolation", "oci", "--runtime", podman.Root.Runtime, "--network", "none", Dockerfile("FROM localhost/busybox\nRUN exit 4\n")).Stderr, StringComparison.Ordinal);

    private string Dockerfile(string text)
    {
        string folder = Directory.CreateDirectory($"{podman.Root.Folder}/build-{Guid.NewGuid():N}").FullName;
        File.WriteAllText(folder + "/Dockerfile", text);
        return folder;
    }

    private CommandResult Run(string[] options, string script, byte[]? stdin = null)
        => podman.Podman(["run", "--cgroup-parent", podman.Root.CgroupParent, .. options, "localhost/busybox", "sh", "-c", script], stdin);
}
