using System.Text.Json.Nodes;

namespace Tare.IntegrationTests.Runtime;

/// <summary>Fields of config.json that have an effect inside: hooks, clocks, scheduling.</summary>
public sealed class RuntimeSpecificationTests : BundleTests
{
    [Fact]
    public void SignalsThatTheCallerIgnoresAreNotIgnoredInside()
    {
        Bundle.Args("grep", "SigIgn", "/proc/self/status");
        string run = $"{Programs.Runtime} --root {Bundle.StateRoot} run --bundle {Bundle.Folder} {Bundle.Id} </dev/null";
        Assert.EndsWith("\t0000000000000000", Command.Run("/bin/sh", ["-c", $"trap '' INT QUIT HUP USR1; {run}"]).Ok().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void HooksRunInTheirOrderWithTheState()
    {
        Bundle.Args("true").Edit(config =>
        {
            JsonObject hooks = [];
            foreach (string kind in new[] { "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop" })
            {
                hooks[kind] = Hook("/bin/sh", $"[ -e /started ] || cd {Bundle.Folder}/rootfs; {{ echo {kind} $X; cat; echo; [ ! -e /started ] || echo inside; }} >> hooks");
                hooks[kind]![0]!["env"] = new JsonArray("X=y", "PATH=/bin:/usr/bin");
            }

            config["hooks"] = hooks;
        });
        File.WriteAllText(Bundle.Folder + "/rootfs/started", "");
        Bundle.Run().Ok();
        string[] lines = File.ReadAllText(Bundle.Folder + "/rootfs/hooks").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["prestart y", "createRuntime y", "createContainer y", "startContainer y", "inside", "poststart y", "poststop y"],
            lines.Where(line => !line.StartsWith('{')));
        JsonNode[] states = [.. lines.Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!)];
        Assert.Equal(["creating", "creating", "creating", "created", "running", "stopped"], states.Select(state => (string?)state["status"]));
        Assert.All(states, state => Assert.Equal(Bundle.Id, (string?)state["id"]));
        // Hooks in the container's namespaces get the pid that the container sees.
        Assert.Equal([1, 1], states[2..4].Select(state => (int)state["pid"]!));
        Assert.NotEqual(1, (int)states[0]["pid"]!);
        Assert.Equal((int)states[0]["pid"]!, (int)states[4]["pid"]!);
    }

    [Theory]
    [InlineData("prestart", "/bin/false", null, "error running prestart hook #0: \\\"/bin/false\\\": exit status 1")]
    [InlineData("createContainer", "/bin/false", null, "error running createContainer hook #0: \\\"/bin/false\\\": exit status 1")]
    [InlineData("startContainer", "/bin/false", null, "error running startContainer hook #0: \\\"/bin/false\\\": exit status 1")]
    [InlineData("createContainer", "/nothing-here", null, "error running createContainer hook #0: \\\"/nothing-here\\\": ENOENT")]
    [InlineData("createContainer", "/bin/sh", "kill -9 $$", "killed by signal 9")]
    [InlineData("createContainer", "/bin/sh", "exec sleep 30", "did not end in time")]
    [InlineData("createRuntime", "/bin/sh", "exec sleep 30", "did not end within 1 s")]
    public void AFailingHookEndsTheCreation(string kind, string path, string? script, string message)
    {
        Bundle.Sh("echo ran > /ran").Edit(config =>
        {
            JsonArray hook = Hook(path, script);
            hook[0]!["timeout"] = script?.StartsWith("exec", StringComparison.Ordinal) == true ? 1 : 0;
            config["hooks"] = new JsonObject { [kind] = hook };
        });
        CommandResult result = Bundle.Run();
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(message, result.Stderr, StringComparison.Ordinal);
        Assert.False(File.Exists(Bundle.Folder + "/rootfs/ran"), "the command ran");
        Assert.NotEqual(0, Bundle.Runtime(["state", Bundle.Id]).ExitCode);
    }

    [Fact]
    public void AFailingPoststartHookStopsTheContainer()
    {
        Bundle.Sh("while true; do sleep 0.1; done").Edit(config => config["hooks"] = new JsonObject { ["poststart"] = Hook("/bin/false", null) });
        Command.Run("/bin/sh", ["-c", $"exec {Programs.Runtime} --root {Bundle.StateRoot} create --bundle {Bundle.Folder} {Bundle.Id} </dev/null >/dev/null 2>&1"]).Ok();
        CommandResult result = Bundle.Runtime(["start", Bundle.Id]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("error running poststart hook #0: \\\"/bin/false\\\": exit status 1", result.Stderr, StringComparison.Ordinal);
        Eventually.True(() => Bundle.Runtime(["state", Bundle.Id]).Ok().Stdout.Contains("\"stopped\"", StringComparison.Ordinal), "the container runs on");
        Bundle.Runtime(["delete", Bundle.Id]).Ok();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheTimeNamespaceHasItsOffsets(bool userNamespace)
    {
        if (userNamespace)
        {
            Command.Run("/bin/chown", ["-R", "100000:100000", Bundle.Folder + "/rootfs"]).Ok();
            Bundle.Edit(config =>
            {
                config["linux"]!["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "user" });
                config["linux"]!["uidMappings"] = JsonNode.Parse("""[{"containerID":0,"hostID":100000,"size":65536}]""");
                config["linux"]!["gidMappings"] = config["linux"]!["uidMappings"]!.DeepClone();
            });
        }

        CommandResult result = Bundle.Sh("cat /proc/self/timens_offsets; cut -d. -f1 /proc/uptime").Edit(config =>
        {
            config["linux"]!["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "time" });
            config["linux"]!["timeOffsets"] = new JsonObject { ["boottime"] = new JsonObject { ["secs"] = 10_000_000 }, ["monotonic"] = new JsonObject { ["secs"] = 5, ["nanosecs"] = 7 } };
        }).Run().Ok();
        string[] lines = result.Text.Split('\n');
        Assert.Matches("^monotonic +5 +7$", lines[0]);
        Assert.Matches("^boottime +10000000 +0$", lines[1]);
        Assert.True(long.Parse(lines[2], System.Globalization.CultureInfo.InvariantCulture) > 10_000_000, lines[2]);
    }

    [Fact]
    public void SchedulingPersonalityAndMemoryPolicyAreSet()
    {
        CommandResult result = Bundle.Sh("grep policy /proc/self/sched | tr -d ' '; awk '{ print $19 }' /proc/self/stat; cat /proc/self/personality; ionice -p $$; grep -m1 -o interleave:0 /proc/self/numa_maps || echo interleave:0").Edit(config =>
        {
            config["process"]!["scheduler"] = new JsonObject { ["policy"] = "SCHED_BATCH", ["nice"] = 5 };
            config["process"]!["ioPriority"] = new JsonObject { ["class"] = "IOPRIO_CLASS_IDLE", ["priority"] = 7 };
            config["linux"]!["personality"] = new JsonObject { ["domain"] = "LINUX32" };
            config["linux"]!["memoryPolicy"] = new JsonObject { ["mode"] = "MPOL_INTERLEAVE", ["nodes"] = "0" };
        }).Run().Ok();
        Assert.Equal("policy:3\n5\n00000008\nidle\ninterleave:0", result.Text);
    }

    [Fact]
    public void AnExecutedProcessGetsItsProcessors()
    {
        Bundle.Sh("while true; do sleep 0.1; done").Edit(config => config["process"]!["execCPUAffinity"] = new JsonObject { ["initial"] = "0", ["final"] = "0" });
        Detached("run", "--detach", "--bundle", Bundle.Folder, Bundle.Id);
        Assert.EndsWith("\t0", Bundle.Runtime(["exec", Bundle.Id, "grep", "Cpus_allowed_list", "/proc/self/status"]).Ok().Text, StringComparison.Ordinal);
        Bundle.Runtime(["delete", "--force", Bundle.Id]).Ok();
    }

    [Theory]
    [InlineData("process", "scheduler", """{"policy":"SCHED_LUCK"}""", "process.scheduler.policy \\\"SCHED_LUCK\\\" is unknown")]
    [InlineData("process", "ioPriority", """{"class":"IOPRIO_CLASS_RT","priority":8}""", "process.ioPriority.priority 8 is not from 0 to 7")]
    [InlineData("process", "rlimits", """[{"type":"RLIMIT_CORE","soft":0,"hard":0},{"type":"RLIMIT_CORE","soft":0,"hard":0}]""", "rlimit type \\\"RLIMIT_CORE\\\" is given twice")]
    [InlineData("linux", "intelRdt", """{"closID":"gold"}""", "linux.intelRdt: resctrl is not mounted")]
    [InlineData("linux", "personality", """{"domain":"BSD"}""", "linux.personality.domain \\\"BSD\\\" is unknown")]
    [InlineData("linux", "memoryPolicy", """{"mode":"MPOL_BIND","nodes":"0-x"}""", "linux.memoryPolicy.nodes \\\"0-x\\\" is no list")]
    [InlineData("process", "execCPUAffinity", """{"initial":"many"}""", "process.execCPUAffinity.initial \\\"many\\\" is no list")]
    [InlineData("process", "user", """{"uid":4294967295,"gid":0}""", "process.user: 4294967295 is no id")]
    [InlineData("process", "user", """{"uid":0,"gid":0,"additionalGids":[4294967295]}""", "process.user: 4294967295 is no id")]
    [InlineData("process", "args", """["/bin"]""", "exec: \\\"/bin\\\": is a directory")]
    [InlineData("linux", "timeOffsets", """{"boottime":{"secs":1}}""", "linux.timeOffsets needs a new time namespace")]
    public void WrongValuesAreNamed(string section, string field, string value, string message)
    {
        CommandResult result = Bundle.Args("true").Edit(config => config[section]![field] = JsonNode.Parse(value)).Run();
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(message, result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatTheSpecificationLeavesToWarnOfIsToldAndIgnored()
    {
        CommandResult result = Bundle.Args("true").Edit(config =>
        {
            config["process"]!["capabilities"] = JsonNode.Parse("""{"bounding":["CAP_KILL","CAP_LUCK"],"permitted":["CAP_KILL"],"ambient":["CAP_KILL"]}""");
            config["linux"]!["personality"] = JsonNode.Parse("""{"domain":"LINUX","flags":["x"]}""");
        }).Run().Ok();
        Assert.Contains("capability CAP_LUCK is unknown and is ignored", result.Stderr, StringComparison.Ordinal);
        Assert.Contains("can't raise ambient capability CAP_KILL: it is not both permitted and inheritable", result.Stderr, StringComparison.Ordinal);
        Assert.Contains("linux.personality.flags x", result.Stderr, StringComparison.Ordinal);
    }

    // The process can neither execute nor report nor exit: the kernel must end it all the same.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AFilterThatAllowsNothingEndsTheProcess(bool noNewPrivileges)
    {
        CommandResult result = Bundle.Args("true").Edit(config =>
        {
            config["process"]!["noNewPrivileges"] = noNewPrivileges;
            config["linux"]!["seccomp"] = JsonNode.Parse("""{"defaultAction":"SCMP_ACT_ERRNO"}""");
        }).Run();
        Assert.NotEqual(0, result.ExitCode);
    }

    private static JsonArray Hook(string path, string? script)
    {
        JsonObject hook = new() { ["path"] = path };
        if (script is not null)
        {
            hook["args"] = new JsonArray("sh", "-c", script);
        }

        return new JsonArray(hook);
    }
}
