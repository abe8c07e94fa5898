using System.Text.Json.Nodes;

namespace Tare.IntegrationTests.Runtime;

/// <summary>What scripts and programs that were written for runc count on, beyond the specification.</summary>
public sealed class RuncHabitsTests : BundleTests
{
    private const string Forever = "while true; do sleep 0.1; done";

    // What a process of the container could reach in /proc while the first one waits (CVE-2024-21626).
    [Fact]
    public void WhatWaitsAtTheStartGateHoldsNothingOfTheHost()
    {
        Bundle.Sh("true");
        Detached("create", "--bundle", Bundle.Folder, "--pid-file", Bundle.Folder + "/pid", Bundle.Id);
        string folder = $"/proc/{File.ReadAllText(Bundle.Folder + "/pid")}/fd";
        string[] files = [.. Directory.GetFileSystemEntries(folder).Where(file => int.Parse(Path.GetFileName(file), System.Globalization.CultureInfo.InvariantCulture) > 2).Select(file => new FileInfo(file).LinkTarget!)];
        Assert.Contains(files, file => file.EndsWith("/exec.fifo", StringComparison.Ordinal));
        Assert.All(files, file => Assert.Matches("^(pipe:.*|.*/exec.fifo)$", file));
    }

    [Fact]
    public void StartContainerHooksRunBehindTheGate()
    {
        Bundle.Sh("cat /hook").Edit(config => config["hooks"] = JsonNode.Parse("""{"startContainer":[{"path":"/bin/sh","args":["sh","-c","cat > /hook; echo >> /hook"]}]}"""));
        Command.Run("/bin/sh", ["-c", $"exec {Programs.Runtime} --root {Bundle.StateRoot} create --bundle {Bundle.Folder} {Bundle.Id} </dev/null >{Bundle.Folder}/out 2>&1"]).Ok();
        Bundle.Runtime(["start", Bundle.Id]).Ok();
        Eventually.True(() => File.ReadAllText(Bundle.Folder + "/out").Contains("\"created\"", StringComparison.Ordinal), () => File.ReadAllText(Bundle.Folder + "/out"));
    }

    [Theory]
    [InlineData("createRuntime", "a|/x y||a|")]
    [InlineData("startContainer", "/bin:/usr/bin||two|/root|")]
    public void AHookWithoutAnEnvironmentGetsTheRuntimesOrInsideTheProcesss(string kind, string environment)
    {
        string place = kind == "startContainer" ? "" : Bundle.Folder + "/rootfs";
        string script = kind == "startContainer" ? $"echo \"$PATH|$A|$ONE|$HOME|\" > {place}/hook" : $"echo \"$A|$B|$ONE|$A|\" > {place}/hook";
        Bundle.Args("/bin/true").Edit(config =>
        {
            config["process"]!["env"]!.AsArray().Add("ONE=two");
            config["hooks"] = new JsonObject { [kind] = new JsonArray(new JsonObject { ["path"] = "/bin/sh", ["args"] = new JsonArray("sh", "-c", script) }) };
        });
        Command.Run("/usr/bin/env", ["A=a", "B=/x y", Programs.Runtime, "--root", Bundle.StateRoot, "run", "--bundle", Bundle.Folder, Bundle.Id]).Ok();
        Assert.Equal(environment, File.ReadAllText(Bundle.Folder + "/rootfs/hook").Trim());
    }

    [Theory]
    [InlineData("prestart")]
    [InlineData("createContainer")]
    [InlineData("startContainer")]
    public void WhatAHookPrintsIsPartOfItsErrorAndNotOfTheContainersOutput(string kind)
    {
        Bundle.Args("echo", "ran").Edit(config => config["hooks"] = new JsonObject
        {
            [kind] = JsonNode.Parse("""[{"path":"/bin/true","args":["true"]},{"path":"/bin/sh","args":["sh","-c","echo no luck; exit $CODE"],"env":["CODE=3"]}]"""),
        });
        CommandResult result = Bundle.Run().Exits(1);
        Assert.Contains($"error running {kind} hook #1: \\\"/bin/sh\\\": exit status 3, output: no luck", result.Stderr, StringComparison.Ordinal);
        Assert.Equal("", result.Stdout);
        Bundle.Edit(config => config["hooks"]![kind]![1]!["env"]![0] = "CODE=0");
        Assert.Equal("ran\n", Bundle.Run().Ok().Stdout);
    }

    [Fact]
    public void TheProcessorsOfTheCallerDoNotBindTheContainer()
    {
        string all = Allowed(Command.Run("/bin/grep", ["Cpus_allowed:", "/proc/self/status"]).Ok());
        string[] bound = ["-c", "0", Programs.Runtime, "--root", Bundle.StateRoot];
        Assert.Equal(all, Allowed(Command.Run("/usr/bin/taskset", [.. bound, "run", "--bundle", Bundle.Args("grep", "Cpus_allowed:", "/proc/self/status").Folder, Bundle.Id]).Ok()));
        Bundle.Sh(Forever);
        Detached("run", "--detach", "--bundle", Bundle.Folder, Bundle.Id);
        Assert.Equal(all, Allowed(Command.Run("/usr/bin/taskset", [.. bound, "exec", Bundle.Id, "grep", "Cpus_allowed:", "/proc/self/status"]).Ok()));
    }

    private static string Allowed(CommandResult result) => result.Text[(result.Text.IndexOf('\t', StringComparison.Ordinal) + 1)..];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void KillReachesEveryProcessWhereThePidsAreTheHosts(bool withoutFirst)
    {
        Bundle.Sh(Forever).Edit(config =>
        {
            JsonArray namespaces = config["linux"]!["namespaces"]!.AsArray();
            namespaces.Remove(namespaces.First(space => (string?)space!["type"] == "pid"));
        });
        Detached("run", "--detach", "--bundle", Bundle.Folder, "--pid-file", Bundle.Folder + "/pid", Bundle.Id);
        Detached("exec", "--detach", "--pid-file", Bundle.Folder + "/second", Bundle.Id, "sleep", "1000");
        string second = "/proc/" + File.ReadAllText(Bundle.Folder + "/second");
        if (withoutFirst)
        {
            Command.Run("/bin/kill", ["-9", File.ReadAllText(Bundle.Folder + "/pid")]).Ok();
            Eventually.True(() => Bundle.Runtime(["state", Bundle.Id]).Ok().Stdout.Contains("\"stopped\"", StringComparison.Ordinal), "the first process lives on");
        }

        Assert.True(Directory.Exists(second), "the second process ended early");
        Bundle.Runtime(["kill", Bundle.Id, "KILL"]).Ok();
        Eventually.True(() => !Directory.Exists(second) || File.ReadAllText(second + "/stat").Contains(") Z", StringComparison.Ordinal), "the second process lives on");
        Eventually.True(() => Bundle.Runtime(["kill", Bundle.Id, "KILL"]).Stderr.Contains("container not running", StringComparison.Ordinal), "nothing is left to kill, and kill does not say so");
    }

    // Images with systemd have /etc/resolv.conf -> ../run/systemd/resolve/stub-resolv.conf, and nothing there.
    [Theory]
    [InlineData("etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf", "run/systemd/resolve/stub-resolv.conf")]
    [InlineData("etc/resolv.conf", "/jump/x/../y", "tmp/a/b/y")]
    [InlineData("etc/resolv.conf", "../../../../../../outside", "outside")]
    [InlineData("etc/resolv.conf", "//tmp/./z", "tmp/z")]
    public void AMountOnALinkWhoseTargetIsMissingMakesTheTarget(string place, string link, string target)
    {
        string root = Bundle.Folder + "/rootfs/";
        File.CreateSymbolicLink(root + place, link);
        File.CreateSymbolicLink(root + "jump", "/tmp/a/b");
        File.WriteAllText(Bundle.Folder + "/file", "mounted\n");
        Bundle.Sh($"cat /{place} /{target}").Edit(config => config["mounts"]!.AsArray().Add(JsonNode.Parse($$"""{"destination":"/{{place}}","source":"{{Bundle.Folder}}/file","type":"bind","options":["bind","ro"]}""")));
        Assert.Equal("mounted\nmounted\n", Bundle.Run().Ok().Stdout);
        Assert.Equal("", File.ReadAllText(root + target));
        Bundle.Edit(config => config["mounts"]!.AsArray()[^1]!["source"] = Bundle.Folder).Sh($"cat /{place}/file");
        File.Delete(root + target);
        Assert.Equal("mounted\n", Bundle.Run().Ok().Stdout);
        Assert.True(Directory.Exists(root + target));
    }

    [Fact]
    public void LinksInACircleAreAnError()
    {
        File.CreateSymbolicLink(Bundle.Folder + "/rootfs/etc/one", "two");
        File.CreateSymbolicLink(Bundle.Folder + "/rootfs/etc/two", "one");
        Bundle.Sh("true").Edit(config => config["mounts"]!.AsArray().Add(JsonNode.Parse("""{"destination":"/etc/one/x","source":"tmpfs","type":"tmpfs"}""")));
        Assert.Contains("ELOOP", Bundle.Run().Exits(1).Stderr, StringComparison.Ordinal);
    }

    // CVE-2019-19921, CVE-2023-27561: what is masked must be what programs find.
    [Theory]
    [InlineData("proc")]
    [InlineData("sys")]
    public void ProcAndSysfsAreNotMountedAtTheEndOfALink(string name)
    {
        Directory.CreateDirectory(Bundle.Folder + "/rootfs/elsewhere");
        File.CreateSymbolicLink(Bundle.Folder + "/rootfs/" + name, "/elsewhere");
        Assert.Contains("must be mounted on ordinary directory", Bundle.Sh("true").Run().Exits(1).Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEmptyHomeIsTheUsers()
    {
        Bundle.Sh("echo $HOME").Edit(config => config["process"]!["env"]!.AsArray().Add("HOME="));
        Assert.Equal("/root", Bundle.Run().Ok().Text);
        Bundle.Edit(config => config["process"]!["user"]!["uid"] = 1000);
        Assert.Equal("/home/user", Bundle.Run().Ok().Text);
    }

    [Fact]
    public void ATerminalInTheForegroundEndsLinesAsAPipeDoes()
    {
        Bundle.Sh("echo one; tty >/dev/null && echo two").Edit(config => config["process"]!["terminal"] = true);
        Assert.Equal("one\ntwo\n", Bundle.Run().Ok().Stdout);
        Bundle.Sh(Forever).Edit(config => config["process"]!["terminal"] = false);
        Detached("run", "--detach", "--bundle", Bundle.Folder, Bundle.Id);
        Assert.Equal("one\n", Bundle.Runtime(["exec", "--tty", Bundle.Id, "echo", "one"]).Ok().Stdout);
    }

    [Fact]
    public void ATerminalWorksInAUserNamespaceThatIsJoined()
    {
        using Bundle owner = new();
        foreach (Bundle bundle in (Bundle[])[owner, Bundle])
        {
            bundle.Edit(config =>
            {
                config["linux"]!["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "user" });
                config["linux"]!["uidMappings"] = JsonNode.Parse("""[{"containerID":0,"hostID":100000,"size":65536}]""");
                config["linux"]!["gidMappings"] = config["linux"]!["uidMappings"]!.DeepClone();
            });
            Command.Run("/bin/chown", ["-R", "100000:100000", bundle.Folder + "/rootfs"]).Ok();
            Command.Run("/bin/chmod", ["755", bundle.Folder]).Ok();
        }

        owner.Sh(Forever);
        Command.Run("/bin/sh", ["-c", $"exec {Programs.Runtime} --root {owner.StateRoot} run --detach --bundle {owner.Folder} --pid-file {owner.Folder}/pid {owner.Id} </dev/null >/dev/null 2>&1"]).Ok();
        Bundle.Sh("tty").Edit(config =>
        {
            config["process"]!["terminal"] = true;
            config["linux"]!["namespaces"]!.AsArray().First(space => (string?)space!["type"] == "user")!["path"] = $"/proc/{File.ReadAllText(owner.Folder + "/pid")}/ns/user";
            config["linux"]!.AsObject().Remove("uidMappings");
            config["linux"]!.AsObject().Remove("gidMappings");
        });
        Assert.Equal("/dev/pts/0", Bundle.Run().Ok().Text);
    }

    [Fact]
    public void EventsTellsOfAProcessThatWasKilledForWantOfMemory()
    {
        Bundle.Sh(Forever).Edit(config => config["linux"]!["resources"] = JsonNode.Parse("""{"memory":{"limit":16777216}}"""));
        Detached("run", "--detach", "--bundle", Bundle.Folder, Bundle.Id);
        using System.Diagnostics.Process events = Command.Start(Programs.Runtime, ["--root", Bundle.StateRoot, "events", "--interval", "200ms", Bundle.Id]);
        Assert.Contains("\"stats\"", events.StandardOutput.ReadLine(), StringComparison.Ordinal);
        // The shell itself is what grows.
        Assert.NotEqual(0, Bundle.Runtime(["exec", Bundle.Id, "sh", "-c", "x=$(dd if=/dev/zero bs=1M count=64 | tr '\\0' x)"]).ExitCode);
        // Stops the container, after which events ends.
        Eventually.True(() => Bundle.Runtime(["kill", Bundle.Id, "KILL"]).ExitCode == 0, "the container cannot be killed");
        Assert.Contains($$"""{"type":"oom","id":"{{Bundle.Id}}"}""", events.StandardOutput.ReadToEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void ExecAddsCapabilitiesThatStay()
    {
        Bundle.Sh(Forever).Edit(config => config["process"]!["capabilities"] = JsonNode.Parse("""
            {"bounding":["CAP_KILL","CAP_CHOWN"],"permitted":["CAP_CHOWN"],"effective":["CAP_CHOWN"],"inheritable":["CAP_KILL","CAP_CHOWN"],"ambient":["CAP_CHOWN"]}
            """));
        Detached("run", "--detach", "--bundle", Bundle.Folder, Bundle.Id);
        Assert.EndsWith("\t0000000000000021", Bundle.Runtime(["exec", "--cap", "CAP_KILL", Bundle.Id, "grep", "CapAmb", "/proc/self/status"]).Ok().Text, StringComparison.Ordinal);
        Assert.EndsWith("\t0000000000000001", Bundle.Runtime(["exec", Bundle.Id, "grep", "CapAmb", "/proc/self/status"]).Ok().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void ErrorsHaveTheWordsAndCodesOfRunc()
    {
        File.WriteAllText(Bundle.Folder + "/rootfs/run.sh", "#!/no-such-interpreter\n");
        Command.Run("/bin/chmod", ["755", Bundle.Folder + "/rootfs/run.sh"]).Ok();
        Bundle.Sh(Forever);
        Detached("run", "--detach", "--bundle", Bundle.Folder, Bundle.Id);
        Assert.Contains("exec /run.sh: no such file or directory", Bundle.Runtime(["exec", Bundle.Id, "/run.sh"]).Exits(255).Stderr, StringComparison.Ordinal);
        Assert.Contains("exec failed: ", Bundle.Runtime(["exec", "--pid-file", "/nothing/here", Bundle.Id, "true"]).Exits(255).Stderr, StringComparison.Ordinal);
        Bundle.Runtime(["kill", Bundle.Id, "KILL"]).Ok();
        Eventually.True(() => Bundle.Runtime(["exec", Bundle.Id, "true"]).Stderr.Contains("cannot exec in a stopped container", StringComparison.Ordinal), "exec does not say that the container has stopped");
        Assert.Contains("No help topic for 'foo'", Bundle.Runtime(["foo", "-h"]).Exits(3).Stderr, StringComparison.Ordinal);
        string log = Bundle.Folder + "/log";
        Bundle.Runtime(["--log", log, "list"]).Ok();
        Assert.Equal("", File.ReadAllText(log));
    }
}
