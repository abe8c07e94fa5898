using System.Text.Json.Nodes;

namespace Tare.IntegrationTests.Runtime;

/// <summary>The runc command line of tare-runtime.</summary>
public sealed class RuntimeCommandTests : IDisposable
{
    private readonly MachineState _before;
    private readonly Bundle _bundle;

    public RuntimeCommandTests()
    {
        _before = MachineState.Take("tare-it-");
        _bundle = new Bundle();
    }

    public void Dispose()
    {
        _bundle.Dispose();
        _before.AssertNothingNew();
    }

    [Fact]
    public void RunReturnsOutputAndExitCode()
    {
        CommandResult result = _bundle.Sh("echo out; echo err >&2; exit 5").Run().Exits(5);
        Assert.Equal("out\n", result.Stdout);
        Assert.Equal("err\n", result.Stderr);
    }

    [Fact]
    public void RunPassesStdin() => Assert.Equal("piped", _bundle.Args("cat").Run("piped"u8.ToArray()).Ok().Stdout);

    [Fact]
    public void DefaultSpecIsIsolated()
    {
        CommandResult result = _bundle.Sh("echo $$; hostname; ls /sys/class/net; cat /proc/1/comm; grep -E 'CapEff|NoNewPrivs' /proc/self/status; ulimit -n; pwd; for f in /proc/self/fd/*; do [ -e $f ] && echo $f; done; true").Run().Ok();
        Assert.StartsWith("1\nrunc\nlo\nsh\nCapEff:\t0000000020000420\nNoNewPrivs:\t1\n1024\n/\n", result.Stdout.Replace("tare\n", "runc\n", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(["0", "1", "2"], result.Stdout.Split('\n').Where(line => line.StartsWith("/proc/self/fd/", StringComparison.Ordinal)).Select(Path.GetFileName));
    }

    [Fact]
    public void CreateStartStateKillDelete()
    {
        _bundle.Sh("echo started > /started; while true; do sleep 0.1; done");
        Detached("create", "--bundle", _bundle.Folder, "--pid-file", _bundle.Folder + "/pid", _bundle.Id);
        JsonNode state = State();
        Assert.Equal("created", (string?)state["status"]);
        Assert.Equal(File.ReadAllText(_bundle.Folder + "/pid"), state["pid"]!.ToString());
        Assert.False(File.Exists(_bundle.Folder + "/rootfs/started"), "create ran the command");
        Assert.NotEqual(0, _bundle.Runtime(["create", "--bundle", _bundle.Folder, _bundle.Id]).ExitCode);

        _bundle.Runtime(["start", _bundle.Id]).Ok();
        Eventually.True(() => File.Exists(_bundle.Folder + "/rootfs/started"), "start did not run the command");
        Assert.Equal("running", (string?)State()["status"]);
        Assert.NotEqual(0, _bundle.Runtime(["start", _bundle.Id]).ExitCode);
        Assert.NotEqual(0, _bundle.Runtime(["delete", _bundle.Id]).ExitCode);
        Assert.Contains(_bundle.Id, _bundle.Runtime(["list"]).Ok().Stdout, StringComparison.Ordinal);
        Assert.Equal(_bundle.Id, _bundle.Runtime(["list", "-q"]).Ok().Text);

        _bundle.Runtime(["kill", _bundle.Id, "KILL"]).Ok();
        Eventually.True(() => (string?)State()["status"] == "stopped", "the container does not stop");
        Assert.NotEqual(0, _bundle.Runtime(["kill", _bundle.Id, "TERM"]).ExitCode);
        _bundle.Runtime(["delete", _bundle.Id]).Ok();
        Assert.NotEqual(0, _bundle.Runtime(["state", _bundle.Id]).ExitCode);
    }

    [Fact]
    public void ExecJoinsTheContainer()
    {
        _bundle.Sh("while true; do sleep 0.1; done");
        Detached("run", "--detach", "--bundle", _bundle.Folder, _bundle.Id);
        CommandResult result = _bundle.Runtime(["exec", "--env", "A=b", "--cwd", "/tmp", "--user", "1000:1000", _bundle.Id, "sh", "-c",
            "echo $A; pwd; id -u; for n in pid mnt uts ipc net; do readlink /proc/self/ns/$n; done; readlink /proc/1/exe >/dev/null; exit 3"]).Exits(3);
        string pid = State()["pid"]!.ToString();
        string expected = "b\n/tmp\n1000\n" + string.Concat(new[] { "pid", "mnt", "uts", "ipc", "net" }.Select(n => new FileInfo($"/proc/{pid}/ns/{n}").LinkTarget + "\n"));
        Assert.Equal(expected, result.Stdout);
        Assert.Contains("executable file not found in $PATH", _bundle.Runtime(["exec", _bundle.Id, "nothing-here"]).Stderr, StringComparison.Ordinal);
        _bundle.Runtime(["delete", "--force", _bundle.Id]).Ok();
    }

    [Fact]
    public void MissingCommandIsSaidPlainly()
        => Assert.Contains("exec: \\\"nothing-here\\\": executable file not found in $PATH", Failed(_bundle.Args("nothing-here")).Stderr, StringComparison.Ordinal);

    [Fact]
    public void AFailingStepNamesItself()
    {
        _bundle.Args("true").Edit(config => config["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/x", ["type"] = "nosuchfs", ["source"] = "none" }));
        string error = Failed(_bundle).Stderr;
        Assert.Contains("nosuchfs", error, StringComparison.Ordinal);
        Assert.Contains("/x", error, StringComparison.Ordinal);
        Assert.Contains("ENODEV", error, StringComparison.Ordinal);
    }

    [Fact]
    public void FailuresAreLoggedAsJsonWhenAsked()
    {
        string log = _bundle.Folder + "/log.json";
        _bundle.Args("nothing-here");
        Assert.NotEqual(0, _bundle.Runtime(["--log", log, "--log-format", "json", "run", "--bundle", _bundle.Folder, _bundle.Id]).ExitCode);
        JsonNode last = JsonNode.Parse(File.ReadLines(log).Last())!;
        Assert.Equal("error", (string?)last["level"]);
        Assert.Contains("nothing-here", (string?)last["msg"], StringComparison.Ordinal);
        Assert.NotNull(last["time"]);
    }

    [Fact]
    public void PlanListsTheSteps()
    {
        string plan = _bundle.Args("true").Runtime(["plan", _bundle.Folder]).Ok().Stdout;
        Assert.Contains("pivot_root", plan, StringComparison.Ordinal);
        Assert.Contains("execve", plan, StringComparison.Ordinal);
        Assert.Contains("/proc", plan, StringComparison.Ordinal);
    }

    [Fact]
    public void UserNamespaceMapsIds()
    {
        _bundle.Sh("cat /proc/self/uid_map; id -u").Edit(config =>
        {
            config["linux"]!["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "user" });
            config["linux"]!["uidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 100000, ["size"] = 65536 });
            config["linux"]!["gidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 100000, ["size"] = 65536 });
        });
        Command.Run("/bin/chown", ["-R", "100000:100000", _bundle.Folder + "/rootfs"]).Ok();
        Command.Run("/bin/chmod", ["755", _bundle.Folder]).Ok();
        Assert.Matches("^ +0 +100000 +65536\n0\n$", _bundle.Run().Ok().Stdout);
    }

    [Fact]
    public void PsUpdateAndEventsOfARunningContainer()
    {
        _bundle.Sh("while true; do sleep 0.1; done");
        Detached("run", "--detach", "--bundle", _bundle.Folder, _bundle.Id);
        string pid = State()["pid"]!.ToString();
        Assert.Contains(pid, JsonNode.Parse(_bundle.Runtime(["ps", "-f", "json", _bundle.Id]).Ok().Stdout)!.AsArray().Select(entry => entry!.ToString()));
        Assert.Matches($"(?m)^root +{pid} ", _bundle.Runtime(["ps", _bundle.Id]).Ok().Stdout);
        Assert.Matches($"(?m)^ *{pid} ", _bundle.Runtime(["ps", _bundle.Id, "-o", "pid,args", "-e"]).Ok().Stdout);

        _bundle.Runtime(["update", "--memory", "64m", "--pids-limit", "50", _bundle.Id]).Ok();
        JsonNode data = Statistics();
        Assert.Equal(64 << 20, (long)data["memory"]!["usage"]!["limit"]!);
        Assert.Equal(50, (long)data["pids"]!["limit"]!);
        Assert.True((long)data["cpu"]!["usage"]!["total"]! > 0);
        _bundle.Runtime(["update", "-r", "-", _bundle.Id], """{"memory":{"limit":134217728}}"""u8.ToArray()).Ok();
        Assert.Equal(128 << 20, (long)Statistics()["memory"]!["usage"]!["limit"]!);
        Assert.Contains("$.memory.limit", _bundle.Runtime(["update", "-r", "-", _bundle.Id], """{"memory":{"limit":"much"}}"""u8.ToArray()).Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("--memory", _bundle.Runtime(["update", "--memory", "much", _bundle.Id]).Exits(1).Stderr, StringComparison.Ordinal);
        _bundle.Runtime(["delete", "--force", _bundle.Id]).Ok();
        _bundle.Runtime(["events", "--stats", _bundle.Id]).Exits(1);

        JsonNode Statistics()
        {
            JsonNode line = JsonNode.Parse(_bundle.Runtime(["events", "--stats", _bundle.Id]).Ok().Stdout)!;
            Assert.Equal("stats", (string?)line["type"]);
            Assert.Equal(_bundle.Id, (string?)line["id"]);
            return line["data"]!;
        }
    }

    [Fact]
    public void ExecDoesNotEnterAPausedContainerOrAGroupOutside()
    {
        _bundle.Sh("while true; do sleep 0.1; done");
        Detached("run", "--detach", "--bundle", _bundle.Folder, _bundle.Id);
        Assert.Contains("leads out", _bundle.Runtime(["exec", "--cgroup", "../x", _bundle.Id, "true"]).Exits(255).Stderr, StringComparison.Ordinal);
        Assert.Contains("unknown controller", _bundle.Runtime(["exec", "--cgroup", "nothing:/", _bundle.Id, "true"]).Exits(255).Stderr, StringComparison.Ordinal);
        Assert.Contains("does not exist", _bundle.Runtime(["exec", "--cgroup", "/none", _bundle.Id, "true"]).Exits(255).Stderr, StringComparison.Ordinal);
        _bundle.Runtime(["exec", "--cgroup", "/", _bundle.Id, "true"]).Ok();
        _bundle.Runtime(["pause", _bundle.Id]).Ok();
        Assert.Contains("cannot exec in a paused container", _bundle.Runtime(["exec", _bundle.Id, "true"]).Exits(255).Stderr, StringComparison.Ordinal);
        _bundle.Runtime(["resume", _bundle.Id]).Ok();
        _bundle.Runtime(["exec", _bundle.Id, "true"]).Ok();
        _bundle.Runtime(["delete", "--force", _bundle.Id]).Ok();
    }

    private JsonNode State() => JsonNode.Parse(_bundle.Runtime(["state", _bundle.Id]).Ok().Stdout)!;

    private static CommandResult Failed(Bundle bundle)
    {
        CommandResult result = bundle.Run();
        Assert.NotEqual(0, result.ExitCode);
        Assert.NotEqual(0, bundle.Runtime(["state", bundle.Id]).ExitCode);
        return result;
    }

    // The container inherits the standard streams, as with runc; a pipe of ours would stay open as long as it lives.
    private void Detached(params string[] arguments)
        => Command.Run("/bin/sh", ["-c", $"exec {Programs.Runtime} --root {_bundle.StateRoot} {string.Join(' ', arguments)} </dev/null >/dev/null 2>{_bundle.Folder}/stderr"]).Ok();
}
