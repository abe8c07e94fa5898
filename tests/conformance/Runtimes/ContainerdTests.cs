namespace Tare.ConformanceTests.Runtimes;

/// <summary>A genuine containerd and its shim run tasks by tare-runtime (<c>ctr run --runc-binary</c>).</summary>
public sealed class ContainerdTests(ContainerdFixture containerd) : IClassFixture<ContainerdFixture>
{
    [Fact]
    public void RunReturnsOutputAndExitCode()
    {
        CommandResult result = containerd.Run("run", ["--rm"], "echo out; echo err >&2; exit 5").Exits(5);
        Assert.Equal("out\n", result.Stdout);
        Assert.Equal("err\n", result.Stderr);
    }

    [Fact]
    public void ACommandThatIsMissingIsNamed()
    {
        CommandResult result = containerd.Ctr("run", "--rm", "--rootfs", "--runc-binary", containerd.Root.Runtime, "--cgroup", containerd.Root.CgroupParent + "/missing", containerd.RootFilesystem, "missing", "/nope");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("/nope", result.Stderr, StringComparison.Ordinal);
        Assert.Contains("no such file or directory", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void ATerminal()
    {
        CommandResult result = containerd.Root.RunOnTerminal($"ctr -a {containerd.Root.Folder}/containerd.sock run --rm -t --rootfs --runc-binary {containerd.Root.Runtime} " +
            $"--cgroup {containerd.Root.CgroupParent}/tty {containerd.RootFilesystem} tty /bin/tty").Ok();
        Assert.Contains("/dev/pts/0", result.Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public void ATasksLife()
    {
        containerd.Run("life", ["-d", "--memory-limit", "67108864"], "exec sleep 1000").Ok();
        CommandResult exec = containerd.Ctr("task", "exec", "--exec-id", "e1", "life", "/bin/sh", "-c", "echo inside; exit 6").Exits(6);
        Assert.Equal("inside\n", exec.Stdout);
        Assert.Contains("RUNNING", containerd.Ctr("task", "ls").Ok().Stdout, StringComparison.Ordinal);
        Assert.Matches("(?m)^[0-9]+ ", containerd.Ctr("task", "ps", "life").Ok().Stdout);
        Assert.Matches("(?m)^memory[._]", containerd.Ctr("task", "metrics", "life").Ok().Stdout);
        containerd.Ctr("task", "pause", "life").Ok();
        Assert.Contains("PAUSED", containerd.Ctr("task", "ls").Ok().Stdout, StringComparison.Ordinal);
        containerd.Ctr("task", "resume", "life").Ok();
        containerd.Ctr("task", "kill", "-s", "KILL", "life").Ok();
        Eventually.True(() => containerd.Ctr("task", "ls").Stdout.Contains("STOPPED", StringComparison.Ordinal), "the task goes on");
        containerd.Ctr("task", "rm", "life").Ok();
        containerd.Ctr("container", "rm", "life").Ok();
    }

    [Fact]
    public void KillAllReachesEveryProcess()
    {
        containerd.Run("all", ["-d"], "sleep 1000 & sleep 1000").Ok();
        Eventually.True(() => containerd.Ctr("task", "ps", "all").Stdout.Split('\n').Length >= 4, "the processes did not start");
        containerd.Ctr("task", "kill", "--all", "-s", "KILL", "all").Ok();
        Eventually.True(() => containerd.Ctr("task", "ls").Stdout.Contains("STOPPED", StringComparison.Ordinal), "the task goes on");
        containerd.Ctr("task", "rm", "-f", "all");
        containerd.Ctr("container", "rm", "all").Ok();
    }

    [Fact]
    public void APrivilegedTaskWithMounts()
    {
        CommandResult result = containerd.Run("options", ["--rm", "--privileged", "--mount", $"type=bind,src={containerd.Root.Folder},dst=/mnt,options=rbind:ro", "--read-only"],
            "touch /mnt/x || echo fixed; touch /x || echo root; grep CapEff /proc/self/status | grep -v -c 00000000a80425fb").Ok();
        Assert.Equal("fixed\nroot\n1\n", result.Stdout);
    }
}
