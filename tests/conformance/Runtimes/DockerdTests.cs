namespace Tare.ConformanceTests.Runtimes;

/// <summary>A genuine dockerd runs its containers by tare-runtime.</summary>
public sealed class DockerdTests(DockerdFixture docker) : IClassFixture<DockerdFixture>
{
    [Fact]
    public void TheRuntimeIsOurs() => Assert.Equal("tare", docker.Docker(["info", "--format", "{{.DefaultRuntime}}"]).Ok().Text);

    [Theory]
    [InlineData("none")]
    [InlineData("bridge")]
    [InlineData("host")]
    public void RunReturnsOutputAndExitCode(string network)
    {
        CommandResult result = docker.Docker(["run", "--rm", "--net", network, "busybox", "sh", "-c", "echo out; echo err >&2; exit 7"]).Exits(7);
        Assert.Equal("out\n", result.Stdout);
        Assert.Equal("err\n", result.Stderr);
    }

    [Fact]
    public void BridgedContainersReachEachOther()
    {
        string name = Started("httpd -f -p 80 -h /etc");
        string address = docker.Docker(["inspect", "-f", "{{.NetworkSettings.IPAddress}}", name]).Ok().Text;
        Assert.StartsWith("root:", docker.Docker(["run", "--rm", "busybox", "wget", "-qO-", $"http://{address}/passwd"]).Ok().Stdout, StringComparison.Ordinal);
        docker.Docker(["rm", "-f", name]).Ok();
    }

    [Theory]
    [InlineData("nope", 127)]
    [InlineData("/etc/passwd", 126)]
    public void CommandsThatCannotBeExecuted(string command, int code)
        => docker.Docker(["run", "--rm", "--net", "none", "busybox", command]).Exits(code);

    [Fact]
    public void ExecRunsInside()
    {
        string name = Started("sleep 1000");
        CommandResult result = docker.Docker(["exec", "-i", "-w", "/tmp", "-e", "A=b", "-u", "1000:1000", name, "sh", "-c", "pwd; echo $A; id -u; cat; exit 4"], "data\n"u8.ToArray()).Exits(4);
        Assert.Equal("/tmp\nb\n1000\ndata\n", result.Stdout);
        docker.Docker(["exec", name, "nope"]).Exits(127);
        Assert.NotEqual(docker.Docker(["exec", name, "grep", "CapEff", "/proc/self/status"]).Ok().Text, docker.Docker(["exec", "--privileged", name, "grep", "CapEff", "/proc/self/status"]).Ok().Text);
        docker.Docker(["rm", "-f", name]).Ok();
    }

    [Fact]
    public void StdinReachesTheProcessWhole()
        => Assert.Equal("100000", docker.Docker(["run", "--rm", "-i", "--net", "none", "busybox", "wc", "-c"], new byte[100_000]).Ok().Text);

    [Fact]
    public void TerminalsOfRunAndExec()
    {
        Assert.Contains("/dev/pts/0", docker.DockerOnTerminal("run --rm -t --net none busybox tty").Ok().Stdout, StringComparison.Ordinal);
        string name = Started("sleep 1000");
        CommandResult result = docker.DockerOnTerminal($"exec -t {name} sh -c 'tty; stty size; exit 5'").Exits(5);
        Assert.Contains("/dev/pts/0", result.Stdout, StringComparison.Ordinal);
        docker.Docker(["rm", "-f", name]).Ok();
    }

    [Fact]
    public void StopSendsTheSignalAndKillTheOther()
    {
        string name = Started("trap \"echo term; exit 3\" TERM; echo ready; while true; do sleep 0.05; done");
        Eventually.True(() => docker.Docker(["logs", name]).Stdout.Contains("ready", StringComparison.Ordinal), "the container did not start");
        docker.Docker(["stop", name]).Ok();
        Assert.Equal("3", docker.Docker(["inspect", "-f", "{{.State.ExitCode}}", name]).Ok().Text);
        Assert.Equal("ready\nterm\n", docker.Docker(["logs", name]).Ok().Stdout);
        docker.Docker(["start", name]).Ok();
        docker.Docker(["kill", name]).Ok();
        Assert.Equal("137", docker.Docker(["wait", name]).Ok().Text);
        docker.Docker(["rm", name]).Ok();
    }

    [Fact]
    public void RestartStartsAnew()
    {
        string name = Started("echo again; exec sleep 1000");
        docker.Docker(["restart", "-t", "0", name]).Ok();
        Eventually.True(() => docker.Docker(["logs", name]).Stdout == "again\nagain\n", "it did not start again");
        docker.Docker(["rm", "-f", name]).Ok();
    }

    [Fact]
    public void PauseTopAndStats()
    {
        string name = Started("sleep 1000");
        Assert.Contains("sleep 1000", docker.Docker(["top", name]).Ok().Stdout, StringComparison.Ordinal);
        docker.Docker(["pause", name]).Ok();
        Assert.Equal("paused", docker.Docker(["inspect", "-f", "{{.State.Status}}", name]).Ok().Text);
        docker.Docker(["unpause", name]).Ok();
        Assert.Matches("^[1-9][0-9.]*[KM]iB / .* [12]$", docker.Docker(["stats", "--no-stream", "--format", "{{.MemUsage}} {{.PIDs}}", name]).Ok().Text);
        docker.Docker(["rm", "-f", name]).Ok();
    }

    [Fact]
    public void LimitsAndTheirUpdate()
    {
        const string Limits = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null; true";
        Assert.Equal("67108864\n20", docker.Docker(["run", "--rm", "--net", "none", "-m", "64m", "--pids-limit", "20", "--cpus", "0.5", "--ulimit", "nofile=100:200", "busybox", "sh", "-c", Limits]).Ok().Text);
        string name = Started("sleep 1000");
        docker.Docker(["update", "--memory", "100m", "--memory-swap", "200m", "--pids-limit", "30", name]).Ok();
        Assert.Equal("104857600\n30", docker.Docker(["exec", name, "sh", "-c", Limits]).Ok().Text);
        docker.Docker(["rm", "-f", name]).Ok();
    }

    [Fact]
    public void RunningOutOfMemoryIsNoticed()
    {
        string name = docker.Docker(["run", "-d", "--net", "none", "-m", "16m", "--memory-swap", "16m", "busybox", "sh", "-c", "tail /dev/zero"]).Ok().Text;
        Assert.Equal("137", docker.Docker(["wait", name]).Ok().Text);
        Assert.Equal("true", docker.Docker(["inspect", "-f", "{{.State.OOMKilled}}", name]).Ok().Text);
        docker.Docker(["rm", name]).Ok();
    }

    [Fact]
    public void AReadOnlyRootWithVolumesAndTmpfs()
    {
        Directory.CreateDirectory(docker.Root.Folder + "/shared");
        CommandResult result = docker.Docker(["run", "--rm", "--net", "none", "--read-only", "--tmpfs", "/tmp:size=1m", "-v", docker.Root.Folder + "/shared:/shared", "-v", docker.Root.Folder + "/shared:/fixed:ro",
            "-v", "/anonymous", "busybox", "sh", "-c", "touch /a || echo root; touch /fixed/a || echo fixed; touch /tmp/a /shared/a /anonymous/a && echo written"]).Ok();
        Assert.Equal("root\nfixed\nwritten\n", result.Stdout);
        Assert.True(File.Exists(docker.Root.Folder + "/shared/a"));
    }

    [Fact]
    public void AnInitReapsAndForwards()
    {
        string name = docker.Docker(["run", "-d", "--net", "none", "--init", "busybox", "sleep", "1000"]).Ok().Text;
        CommandResult result = docker.Docker(["exec", name, "sh", "-c", "readlink /proc/1/exe; cat /proc/1/cmdline | tr '\\0' ' '"]);
        Assert.Contains("sleep 1000", result.Stdout, StringComparison.Ordinal);
        docker.Docker(["stop", name]).Ok();
        Assert.Equal("143", docker.Docker(["inspect", "-f", "{{.State.ExitCode}}", name]).Ok().Text);
        docker.Docker(["rm", name]).Ok();
    }

    [Fact]
    public void PrivilegedSeesTheDevicesAndOthersDoNot()
    {
        const string Script = "grep -c 'CapEff:.*0000000000000000' /proc/self/status; ls /dev | grep -c -x -E 'kmsg|mem|vda|sda|loop0'; touch /sys/fs/cgroup/x 2>/dev/null; echo 1 > /proc/sys/kernel/msgmax && echo writable";
        Assert.EndsWith("writable", docker.Docker(["run", "--rm", "--net", "none", "--privileged", "busybox", "sh", "-c", Script]).Ok().Text, StringComparison.Ordinal);
        Assert.DoesNotContain("writable", docker.Docker(["run", "--rm", "--net", "none", "busybox", "sh", "-c", Script]).Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public void NamespacesOfTheHostAndOfOthers()
    {
        string name = Started("hostname shared 2>/dev/null; sleep 1000");
        string pid = docker.Docker(["inspect", "-f", "{{.State.Pid}}", name]).Ok().Text;
        string[] kinds = ["net", "ipc", "pid"];
        string[] theirs = [.. kinds.Select(kind => new FileInfo($"/proc/{pid}/ns/{kind}").LinkTarget!)];
        CommandResult joined = docker.Docker(["run", "--rm", "--net", "container:" + name, "--pid", "container:" + name, "busybox", "sh", "-c", "readlink /proc/self/ns/net; readlink /proc/self/ns/pid"]).Ok();
        Assert.Equal($"{theirs[0]}\n{theirs[2]}\n", joined.Stdout);
        CommandResult host = docker.Docker(["run", "--rm", "--net", "host", "--pid", "host", "--ipc", "host", "--uts", "host", "busybox", "sh", "-c", "for k in net ipc pid uts; do readlink /proc/self/ns/$k; done"]).Ok();
        Assert.Equal(string.Concat(new[] { "net", "ipc", "pid", "uts" }.Select(kind => new FileInfo("/proc/self/ns/" + kind).LinkTarget + "\n")), host.Stdout);
        docker.Docker(["rm", "-f", name]).Ok();
    }

    [Fact]
    public void BuildsAnImage()
    {
        string folder = docker.Root.Folder + "/build";
        Directory.CreateDirectory(folder);
        File.WriteAllText(folder + "/Dockerfile", "FROM busybox\nRUN echo built > /made && id -u >> /made\nUSER 1000\nRUN id -u > /tmp/user; exit 0\nCMD cat /made /tmp/user\n");
        docker.Root.Run(["env", "DOCKER_BUILDKIT=0", "docker", "-H", $"unix://{docker.Root.Folder}/docker.sock", "build", "-t", "built", folder]).Ok();
        Assert.Equal("built\n0\n1000\n", docker.Docker(["run", "--rm", "--net", "none", "built"]).Ok().Stdout);
    }

    private string Started(string script) => docker.Docker(["run", "-d", "busybox", "sh", "-c", script]).Ok().Text;
}
