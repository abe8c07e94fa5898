using System.Diagnostics;

namespace Tare.Testing.Suites;

/// <summary>A container's life: ps, logs, exec, attach, stop, kill, wait, rm, inspect.</summary>
public abstract class LifecycleSuite(DaemonFixture daemon, string client) : ClientSuite(daemon, client)
{
    [Fact]
    public void PsShowsRunningAndAllShowsEnded()
    {
        string running = Start();
        string ended = NewName();
        Client($"run --name {ended} busybox true").Ok();
        string ps = Client("ps").Ok().Stdout;
        Assert.StartsWith("CONTAINER ID   IMAGE", ps, StringComparison.Ordinal);
        Assert.Contains(running, ps, StringComparison.Ordinal);
        Assert.DoesNotContain(ended, ps, StringComparison.Ordinal);
        Assert.Contains("Exited (0)", Client(["ps", "-a", "--filter", $"name=^{ended}$"]).Ok().Stdout, StringComparison.Ordinal);
        Assert.Equal(running, Client(["ps", "--filter", $"name={running}", "--format", "{{.Names}}"]).Ok().Text);
        Client($"rm -f {running} {ended}").Ok();
    }

    [Fact]
    public void LogsKeepBothStreamsAndTail()
    {
        string name = NewName();
        Client(["run", "--name", name, "busybox", "sh", "-c", "for i in 1 2 3 4 5; do echo line $i; done; echo oops >&2"]).Ok();
        CommandResult logs = Client($"logs {name}").Ok();
        Assert.Equal("line 1\nline 2\nline 3\nline 4\nline 5\n", logs.Stdout);
        Assert.Equal("oops\n", logs.Stderr);
        CommandResult tail = Client($"logs --tail 2 {name}").Ok();
        Assert.Equal("line 5\noops\n", tail.Stdout + tail.Stderr);
        Assert.Matches("^20[0-9-]+T[0-9:.]+Z line 1\n", Client($"logs -t {name}").Ok().Stdout);
        Client($"rm {name}").Ok();
    }

    [Fact]
    public void FollowedLogsEndWithTheContainer()
    {
        string name = Start(script: "for i in 1 2 3 4 5 6; do echo tick $i; sleep 0.1; done");
        Assert.Equal("tick 1\ntick 2\ntick 3\ntick 4\ntick 5\ntick 6\n", Client($"logs -f {name}").Ok().Stdout);
        Client($"rm {name}").Ok();
    }

    [Fact]
    public void ExecRunsBesideAndReturnsItsExitCode()
    {
        string name = Start("-e A=1 --hostname inside");
        Assert.Equal("inside\n", Client(["exec", name, "hostname"]).Ok().Stdout);
        Client(["exec", name, "sh", "-c", "exit 9"]).Exits(9);
        Assert.Equal("1 2 /tmp 1000\n", Client(["exec", "-e", "B=2", "-w", "/tmp", "-u", "user", name, "sh", "-c", "echo $A $B $(pwd) $(id -u)"]).Ok().Stdout);
        Assert.Equal("piped", Client(["exec", "-i", name, "cat"], "piped"u8.ToArray()).Ok().Text);
        Client(["exec", name, "no-such-command"]).Exits(127);
        Client(["exec", name, "/etc/passwd"]).Exits(126);
        Client(["exec", "-d", name, "touch", "/detached"]).Ok();
        Eventually.True(() => Client(["exec", name, "test", "-e", "/detached"]).ExitCode == 0, "the detached exec made no file");
        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void ExecThatCannotStartSaysWhy()
    {
        string name = Start();
        CommandResult user = Client(["exec", "-u", "ghost", name, "true"]).Exits(1);
        Assert.Equal("Error response from daemon: unable to find user ghost: no matching entries in passwd file", user.Stderr.Trim());
        CommandResult folder = Client(["exec", "-w", "/nowhere", name, "true"]).Exits(127);
        Assert.Contains("chdir to cwd (\"/nowhere\") set in config.json failed: no such file or directory", folder.Stdout, StringComparison.Ordinal);
        Assert.Equal("Seccomp:\t2", Client(["exec", "--privileged", name, "grep", "-w", "Seccomp:", "/proc/self/status"]).Ok().Text);
        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void ExecHasTheContainersRestrictions()
    {
        string name = Start("--cap-drop ALL");
        Assert.Equal("CapEff:\t0000000000000000\nSeccomp:\t2\n", Client(["exec", name, "sh", "-c", "grep -E 'CapEff|Seccomp:' /proc/self/status"]).Ok().Stdout);
        string ns = Client(["exec", name, "sh", "-c", "for n in pid mnt uts ipc net; do [ $(readlink /proc/1/ns/$n) = $(readlink /proc/self/ns/$n) ] || echo $n; done"]).Ok().Text;
        Assert.Equal("", ns);
        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void ExecOnATerminal()
    {
        string name = Start();
        CommandResult result = Terminal($"exec -ti {name} sh", "tty; echo $((40+2))\nexit 3\n");
        Assert.Contains("/dev/pts/", result.Stdout, StringComparison.Ordinal);
        Assert.Contains("42", result.Stdout, StringComparison.Ordinal);
        result.Exits(3);
        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void DetachKeysLeaveTheContainerRunning()
    {
        string name = NewName();
        CommandResult result = Terminal($"run -ti --name {name} busybox sh", "\u0010\u0011");
        result.Ok();
        Assert.Equal("running", Client(["inspect", "-f", "{{.State.Status}}", name]).Ok().Text);
        CommandResult attached = Terminal($"attach {name}", "echo $((50+5))\nexit 4\n");
        Assert.Contains("55", attached.Stdout, StringComparison.Ordinal);
        attached.Exits(4);
        Client($"rm {name}").Ok();
    }

    [Fact]
    public void OwnDetachKeys()
    {
        string name = NewName();
        Terminal($"run -ti --detach-keys ctrl-a,b --name {name} busybox sh", "\u0001b").Ok();
        Assert.Equal("running", Client(["inspect", "-f", "{{.State.Status}}", name]).Ok().Text);
        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void AttachShowsWhatComes()
    {
        string name = Start(script: "sleep 0.7; echo later; exit 6");
        CommandResult result = Client($"attach {name}").Exits(6);
        Assert.Equal("later\n", result.Stdout);
        Client($"rm {name}").Ok();
    }

    [Fact]
    public void StopAsksFirst()
    {
        string name = Start(script: "trap 'echo asked; exit 3' TERM; while true; do sleep 0.05; done");
        Assert.Equal(name, Client($"stop {name}").Ok().Text);
        Assert.Equal("3", Client(["inspect", "-f", "{{.State.ExitCode}}", name]).Ok().Text);
        Assert.Equal("asked\n", Client($"logs {name}").Ok().Stdout);
        Client($"rm {name}").Ok();
    }

    [Fact]
    public void StopKillsAfterTheTimeout()
    {
        string name = Start(script: "trap '' TERM; while true; do sleep 0.05; done");
        Stopwatch time = Stopwatch.StartNew();
        Client($"stop -t 1 {name}").Ok();
        Assert.InRange(time.Elapsed.TotalSeconds, 0.9, 5);
        Assert.Equal("137", Client(["inspect", "-f", "{{.State.ExitCode}}", name]).Ok().Text);
        Client($"rm {name}").Ok();
    }

    [Fact]
    public void KillSendsTheSignal()
    {
        string name = Start(script: "trap 'exit 42' USR1; while true; do sleep 0.05; done");
        Client($"exec {name} true").Ok();
        Client($"kill -s USR1 {name}").Ok();
        Assert.Equal("42", Client($"wait {name}").Ok().Text);
        Client($"rm {name}").Ok();
    }

    [Fact]
    public void StoppedContainersStartAgainWithTheirFiles()
    {
        string name = NewName();
        Client(["run", "--name", name, "busybox", "sh", "-c", "echo run >> /runs; cat /runs"]).Ok();
        Client($"start {name}").Ok();
        Assert.Equal("0", Client($"wait {name}").Ok().Text);
        Assert.Equal("run\nrun\nrun\n", Client($"logs {name}").Ok().Stdout);
        Assert.Equal("run\nrun\nrun\n", Client($"start -a {name}").Ok().Stdout);
        Client($"rm {name}").Ok();
    }

    [Fact]
    public void InspectTellsTheTruth()
    {
        string name = Start("--memory 64m -e X=y -l key=value");
        string text = Client(["inspect", "-f", "{{.State.Running}} {{.HostConfig.Memory}} {{index .Config.Labels \"key\"}} {{.Name}} {{.Config.Image}} {{json .Config.Cmd}}", name]).Ok().Text;
        Assert.StartsWith($"true 67108864 value /{name} busybox [\"sh\",\"-c\"", text, StringComparison.Ordinal);
        int pid = int.Parse(Client(["inspect", "-f", "{{.State.Pid}}", name]).Ok().Text, System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(Directory.Exists($"/proc/{pid}"));
        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void RestartGivesANewProcess()
    {
        string name = Start();
        string before = Client(["inspect", "-f", "{{.State.Pid}}", name]).Ok().Text;
        Client($"restart -t 1 {name}").Ok();
        Assert.NotEqual(before, Client(["inspect", "-f", "{{.State.Pid}}", name]).Ok().Text);
        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void PauseStopsTheClock()
    {
        string name = Start();
        Client($"pause {name}").Ok();
        Assert.Equal("paused", Client(["inspect", "-f", "{{.State.Status}}", name]).Ok().Text);
        Client($"unpause {name}").Ok();
        Client($"exec {name} true").Ok();
        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void RenameAndTop()
    {
        string name = Start();
        string other = NewName();
        Client($"rename {name} {other}").Ok();
        Assert.Contains("sh -c", Client($"top {other}").Ok().Stdout, StringComparison.Ordinal);
        Client($"rm -f {other}").Ok();
    }
}
