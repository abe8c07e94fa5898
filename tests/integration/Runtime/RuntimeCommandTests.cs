using System.Text.Json.Nodes;

namespace Tare.IntegrationTests.Runtime;

/// <summary>The runc command line of tare-runtime.</summary>
public sealed class RuntimeCommandTests : BundleTests
{
    [Fact]
    public void RunReturnsOutputAndExitCode()
    {
        CommandResult result = Bundle.Sh("echo out; echo err >&2; exit 5").Run().Exits(5);
        Assert.Equal("out\n", result.Stdout);
        Assert.Equal("err\n", result.Stderr);
    }

    [Fact]
    public void RunPassesStdin() => Assert.Equal("piped", Bundle.Args("cat").Run("piped"u8.ToArray()).Ok().Stdout);

    [Fact]
    public void DefaultSpecIsIsolated()
    {
        CommandResult result = Bundle.Sh("echo $$; hostname; ls /sys/class/net; cat /proc/1/comm; grep -E 'CapEff|NoNewPrivs' /proc/self/status; ulimit -n; pwd; for f in /proc/self/fd/*; do [ -e $f ] && echo $f; done; true").Run().Ok();
        Assert.StartsWith("1\nrunc\nlo\nsh\nCapEff:\t0000000020000420\nNoNewPrivs:\t1\n1024\n/\n", result.Stdout.Replace("tare\n", "runc\n", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(["0", "1", "2"], result.Stdout.Split('\n').Where(line => line.StartsWith("/proc/self/fd/", StringComparison.Ordinal)).Select(Path.GetFileName));
    }

    [Fact]
    public void CreateStartStateKillDelete()
    {
        Bundle.Sh("echo started > /started; while true; do sleep 0.1; done");
        Detached("create", "--bundle", Bundle.Folder, "--pid-file", Bundle.Folder + "/pid", Bundle.Id);
        JsonNode state = State();
        Assert.Equal("created", (string?)state["status"]);
        Assert.Equal(File.ReadAllText(Bundle.Folder + "/pid"), state["pid"]!.ToString());
        Assert.False(File.Exists(Bundle.Folder + "/rootfs/started"), "create ran the command");
        Assert.NotEqual(0, Bundle.Runtime(["create", "--bundle", Bundle.Folder, Bundle.Id]).ExitCode);

        Bundle.Runtime(["start", Bundle.Id]).Ok();
        Eventually.True(() => File.Exists(Bundle.Folder + "/rootfs/started"), "start did not run the command");
        Assert.Equal("running", (string?)State()["status"]);
        Assert.NotEqual(0, Bundle.Runtime(["start", Bundle.Id]).ExitCode);
        Assert.NotEqual(0, Bundle.Runtime(["delete", Bundle.Id]).ExitCode);
        Assert.Contains(Bundle.Id, Bundle.Runtime(["list"]).Ok().Stdout, StringComparison.Ordinal);
        Assert.Equal(Bundle.Id, Bundle.Runtime(["list", "-q"]).Ok().Text);

        Bundle.Runtime(["kill", Bundle.Id, "KILL"]).Ok();
        Eventually.True(() => (string?)State()["status"] == "stopped", "the container does not stop");
        Assert.NotEqual(0, Bundle.Runtime(["kill", Bundle.Id, "TERM"]).ExitCode);
        Bundle.Runtime(["delete", Bundle.Id]).Ok();
        Assert.NotEqual(0, Bundle.Runtime(["state", Bundle.Id]).ExitCode);
    }

    [Fact]
    public void ExecJoinsTheContainer()
    {
        Bundle.Sh("while true; do sleep 0.1; done");
        Detached("run", "--detach", "--bundle", Bundle.Folder, Bundle.Id);
        CommandResult result = Bundle.Runtime(["exec", "--env", "A=b", "--cwd", "/tmp", "--user", "1000:1000", Bundle.Id, "sh", "-c",
            "echo $A; pwd; id -u; for n in pid mnt uts ipc net; do readlink /proc/self/ns/$n; done; readlink /proc/1/exe >/dev/null; exit 3"]).Exits(3);
        string pid = State()["pid"]!.ToString();
        string expected = "b\n/tmp\n1000\n" + string.Concat(new[] { "pid", "mnt", "uts", "ipc", "net" }.Select(n => new FileInfo($"/proc/{pid}/ns/{n}").LinkTarget + "\n"));
        Assert.Equal(expected, result.Stdout);
        Assert.Contains("executable file not found in $PATH", Bundle.Runtime(["exec", Bundle.Id, "nothing-here"]).Stderr, StringComparison.Ordinal);
        Bundle.Runtime(["delete", "--force", Bundle.Id]).Ok();
    }

    [Fact]
    public void MissingCommandIsSaidPlainly()
        => Assert.Contains("exec: \\\"nothing-here\\\": executable file not found in $PATH", Failed(Bundle.Args("nothing-here")).Stderr, StringComparison.Ordinal);

    [Fact]
    public void AFailingStepNamesItself()
    {
        Bundle.Args("true").Edit(config => config["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/x", ["type"] = "nosuchfs", ["source"] = "none" }));
        string error = Failed(Bundle).Stderr;
        Assert.Contains("nosuchfs", error, StringComparison.Ordinal);
        Assert.Contains("/x", error, StringComparison.Ordinal);
        Assert.Contains("ENODEV", error, StringComparison.Ordinal);
    }

    [Fact]
    public void FailuresAreLoggedAsJsonWhenAsked()
    {
        string log = Bundle.Folder + "/log.json";
        Bundle.Args("nothing-here");
        Assert.NotEqual(0, Bundle.Runtime(["--log", log, "--log-format", "json", "run", "--bundle", Bundle.Folder, Bundle.Id]).ExitCode);
        JsonNode last = JsonNode.Parse(File.ReadLines(log).Last())!;
        Assert.Equal("error", (string?)last["level"]);
        Assert.Contains("nothing-here", (string?)last["msg"], StringComparison.Ordinal);
        Assert.NotNull(last["time"]);
    }

    [Fact]
    public void PlanListsTheSteps()
    {
        string plan = Bundle.Args("true").Runtime(["plan", Bundle.Folder]).Ok().Stdout;
        Assert.Contains("pivot_root", plan, StringComparison.Ordinal);
        Assert.Contains("execve", plan, StringComparison.Ordinal);
        Assert.Contains("/proc", plan, StringComparison.Ordinal);
    }

    [Fact]
    public void UserNamespaceMapsIds()
    {
        Bundle.Sh("cat /proc/self/uid_map; id -u").Edit(config =>
        {
            config["linux"]!["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "user" });
            config["linux"]!["uidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 100000, ["size"] = 65536 });
            config["linux"]!["gidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 100000, ["size"] = 65536 });
        });
        Command.Run("/bin/chown", ["-R", "100000:100000", Bundle.Folder + "/rootfs"]).Ok();
        Command.Run("/bin/chmod", ["755", Bundle.Folder]).Ok();
        Assert.Matches("^ +0 +100000 +65536\n0\n$", Bundle.Run().Ok().Stdout);
    }

    [Fact]
    public void WrongCommandLinesEndAsThoseOfRunc()
    {
        Bundle.Sh("while true; do sleep 0.1; done");
        Detached("run", "--detach", "--bundle", Bundle.Folder, Bundle.Id);
        Says(3, "No help topic for 'nonsense'", "nonsense");
        Says(255, "exec failed: exec args cannot be empty", "exec", Bundle.Id);
        Says(255, "exec failed: Cwd must be an absolute path", "exec", "--cwd", "relative", Bundle.Id, "true");
        Says(1, "cannot start an already running container", "start", Bundle.Id);
        Says(1, "Intel RDT/CAT: l3 cache schema is not enabled", "update", "--l3-cache-schema", "L3:0=f", Bundle.Id);
        Says(1, "Intel RDT/MBA: memory bandwidth schema is not enabled", "update", "--mem-bw-schema", "MB:0=50", Bundle.Id);
        Says(1, "open /nothing/here: no such file or directory", "update", "-r", "/nothing/here", Bundle.Id);
        Says(1, "chdir /nothing/here: no such file or directory", "spec", "--bundle", "/nothing/here");
        Says(0, "Kernel memory settings are ignored", "update", "--kernel-memory", "64m", Bundle.Id);
        Says(1, "requires exactly 0 arguments", "features", "x");
        Says(1, "requires exactly 0 arguments", "list", "x");
        Bundle.Runtime(["delete", "--force", Bundle.Id]).Ok();
    }

    [Fact]
    public void AUserNamespaceHasEveryCapability()
    {
        Bundle.Sh("true").Edit(config =>
        {
            config["linux"]!["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "user" });
            config["linux"]!["uidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 100000, ["size"] = 65536 });
            config["linux"]!["gidMappings"] = config["linux"]!["uidMappings"]!.DeepClone();
            config["process"]!["capabilities"]!["permitted"]!.AsArray().Add("CAP_SYS_RESOURCE");
            config["process"]!["args"] = new JsonArray("grep", "CapPrm", "/proc/self/status");
        });
        Command.Run("/bin/chown", ["-R", "100000:100000", Bundle.Folder + "/rootfs"]).Ok();
        Command.Run("/bin/chmod", ["755", Bundle.Folder]).Ok();
        // The machine's bounding set may lack it; setpriv takes it away in any case.
        CommandResult result = Command.Run("/usr/bin/setpriv", ["--bounding-set", "-sys_resource", "--inh-caps", "-sys_resource", Programs.Runtime, "--root", Bundle.StateRoot, "run", "--bundle", Bundle.Folder, Bundle.Id]).Ok();
        Assert.DoesNotContain("bounding", result.Stderr, StringComparison.Ordinal);
        Bundle.Edit(config => config["linux"]!["namespaces"] = new JsonArray([.. config["linux"]!["namespaces"]!.AsArray().Where(entry => (string?)entry!["type"] != "user").Select(entry => entry!.DeepClone())]));
        result = Command.Run("/usr/bin/setpriv", ["--bounding-set", "-sys_resource", "--inh-caps", "-sys_resource", Programs.Runtime, "--root", Bundle.StateRoot, "run", "--bundle", Bundle.Folder, Bundle.Id]);
        Assert.Contains("CAP_SYS_RESOURCE is not in the bounding set", result.Stderr, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ExecHasAKeyringOnlyWhereTheContainerHas(bool without)
    {
        Assert.SkipUnless(File.Exists("/proc/keys"), "the kernel has no keyrings");
        Bundle.Sh("while true; do sleep 0.1; done").Edit(config => config["linux"]!["maskedPaths"] = new JsonArray());
        Detached(["run", "--detach", .. without ? ["--no-new-keyring"] : Array.Empty<string>(), "--bundle", Bundle.Folder, Bundle.Id]);
        string keys = Bundle.Runtime(["exec", Bundle.Id, "cat", "/proc/keys"]).Ok().Stdout;
        Assert.Equal(!without, keys.Contains("_ses." + Bundle.Id, StringComparison.Ordinal));
        Bundle.Runtime(["delete", "--force", Bundle.Id]).Ok();
    }

    [Fact]
    public void PsUpdateAndEventsOfARunningContainer()
    {
        Bundle.Sh("while true; do sleep 0.1; done");
        Detached("run", "--detach", "--bundle", Bundle.Folder, Bundle.Id);
        string pid = State()["pid"]!.ToString();
        Assert.Contains(pid, JsonNode.Parse(Bundle.Runtime(["ps", "-f", "json", Bundle.Id]).Ok().Stdout)!.AsArray().Select(entry => entry!.ToString()));
        Assert.Matches($"(?m)^root +{pid} ", Bundle.Runtime(["ps", Bundle.Id]).Ok().Stdout);
        Assert.Matches($"(?m)^ *{pid} ", Bundle.Runtime(["ps", Bundle.Id, "-o", "pid,args", "-e"]).Ok().Stdout);

        Bundle.Runtime(["update", "--memory", "64m", "--pids-limit", "50", Bundle.Id]).Ok();
        JsonNode kept = JsonNode.Parse(File.ReadAllText($"{Bundle.StateRoot}/{Bundle.Id}/state.json"))!;
        Assert.Equal($"/proc/{pid}/ns/mnt", (string?)kept["namespace_paths"]!["NEWNS"]);
        Assert.All(kept["cgroup_paths"]!.AsObject(), path => Assert.Contains(pid, File.ReadAllLines((string?)path.Value + "/cgroup.procs")));
        JsonNode data = Statistics();
        if (!File.Exists("/sys/fs/cgroup/cgroup.controllers"))
        {
            // Version 2 has no such files.
            Assert.Equal(0, (int)data["cpuset"]!["cpus"]![0]!);
            Assert.Equal(Environment.ProcessorCount, data["cpu"]!["usage"]!["percpu_user"]!.AsArray().Count);
        }

        Assert.Equal(64 << 20, (long)data["memory"]!["usage"]!["limit"]!);
        Assert.Equal(50, (long)data["pids"]!["limit"]!);
        Assert.True((long)data["cpu"]!["usage"]!["total"]! > 0);
        Bundle.Runtime(["update", "-r", "-", Bundle.Id], """{"memory":{"limit":134217728}}"""u8.ToArray()).Ok();
        Assert.Equal(128 << 20, (long)Statistics()["memory"]!["usage"]!["limit"]!);
        Assert.Contains("$.memory.limit", Bundle.Runtime(["update", "-r", "-", Bundle.Id], """{"memory":{"limit":"much"}}"""u8.ToArray()).Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("--memory", Bundle.Runtime(["update", "--memory", "much", Bundle.Id]).Exits(1).Stderr, StringComparison.Ordinal);
        Bundle.Runtime(["delete", "--force", Bundle.Id]).Ok();
        Bundle.Runtime(["events", "--stats", Bundle.Id]).Exits(1);

        JsonNode Statistics()
        {
            JsonNode line = JsonNode.Parse(Bundle.Runtime(["events", "--stats", Bundle.Id]).Ok().Stdout)!;
            Assert.Equal("stats", (string?)line["type"]);
            Assert.Equal(Bundle.Id, (string?)line["id"]);
            return line["data"]!;
        }
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public void AContainerThatWaitsForItsStartEndsByASignal(string signal)
    {
        Detached("create", "--bundle", Bundle.Sh("true").Folder, Bundle.Id);
        Bundle.Runtime(["kill", Bundle.Id, signal]).Ok();
        Eventually.True(() => (string?)State()["status"] == "stopped", "the container does not stop");
        Bundle.Runtime(["delete", Bundle.Id]).Ok();
    }

    [Fact]
    public void APausedContainerThatWaitsForItsStartIsPaused()
    {
        Detached("create", "--bundle", Bundle.Sh("true").Folder, Bundle.Id);
        Bundle.Runtime(["pause", Bundle.Id]).Ok();
        Assert.Equal("paused", (string?)State()["status"]);
        Says(1, "cannot start a container in the paused state", "start", Bundle.Id);
        Says(255, "cannot exec in a paused container", "exec", Bundle.Id, "true");
        Bundle.Runtime(["resume", Bundle.Id]).Ok();
        Assert.Equal("created", (string?)State()["status"]);
        Bundle.Runtime(["delete", Bundle.Id, "--force"]).Ok();
    }

    [Fact]
    public void ALimitThatTheKernelRefusesLeavesNoCgroup()
    {
        Bundle.Sh("true").Edit(config => config["linux"]!["resources"] = JsonNode.Parse("""{ "cpu": { "cpus": "777" } }"""));
        Assert.Contains("set cpus to 777", Failed(Bundle).Stderr, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories("/sys/fs/cgroup", Bundle.Id, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 }));
    }

    [Fact]
    public void ExecDoesNotEnterAPausedContainerOrAGroupOutside()
    {
        Bundle.Sh("while true; do sleep 0.1; done");
        Detached("run", "--detach", "--bundle", Bundle.Folder, Bundle.Id);
        Assert.Contains("../x is not a sub cgroup path", Bundle.Runtime(["exec", "--cgroup", "../x", Bundle.Id, "true"]).Exits(255).Stderr, StringComparison.Ordinal);
        Assert.Contains("unknown controller", Bundle.Runtime(["exec", "--cgroup", "nothing:/", Bundle.Id, "true"]).Exits(255).Stderr, StringComparison.Ordinal);
        Assert.Contains("/none/cgroup.procs: no such file or directory", Bundle.Runtime(["exec", "--cgroup", "/none", Bundle.Id, "true"]).Exits(255).Stderr, StringComparison.Ordinal);
        Bundle.Runtime(["exec", "--cgroup", "/", Bundle.Id, "true"]).Ok();
        Bundle.Runtime(["pause", Bundle.Id]).Ok();
        Assert.Contains("cannot exec in a paused container", Bundle.Runtime(["exec", Bundle.Id, "true"]).Exits(255).Stderr, StringComparison.Ordinal);
        Bundle.Runtime(["resume", Bundle.Id]).Ok();
        Bundle.Runtime(["exec", Bundle.Id, "true"]).Ok();
        Bundle.Runtime(["delete", "--force", Bundle.Id]).Ok();
    }

    private void Says(int code, string text, params string[] arguments) => Assert.Contains(text, Bundle.Runtime(arguments).Exits(code).Stderr, StringComparison.Ordinal);

    private JsonNode State() => JsonNode.Parse(Bundle.Runtime(["state", Bundle.Id]).Ok().Stdout)!;

    private static CommandResult Failed(Bundle bundle)
    {
        CommandResult result = bundle.Run();
        Assert.NotEqual(0, result.ExitCode);
        Assert.NotEqual(0, bundle.Runtime(["state", bundle.Id]).ExitCode);
        return result;
    }
}
