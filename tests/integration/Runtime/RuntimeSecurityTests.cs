using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Tare.IntegrationTests.Runtime;

/// <summary>Attacks on the host that succeeded against a runtime once; each must fail here. docs/security.md lists them.</summary>
public sealed class RuntimeSecurityTests : BundleTests
{
    // CVE-2019-5736: the program of the host executed inside, held open there, and written to.
    [Theory]
    [InlineData("/proc/self/exe")]
    [InlineData("/interpreted")]
    public void TheHostsProgramCannotBeOverwritten(string command)
    {
        byte[] before = SHA256.HashData(File.ReadAllBytes(Programs.Runtime));
        string root = Path.Combine(Bundle.Folder, "rootfs");
        // The log option opens the fifo for writing, which keeps the program running until somebody reads.
        File.WriteAllText(Path.Combine(root, "interpreted"), "#!/proc/self/exe --log=/fifo\n");
        File.SetUnixFileMode(Path.Combine(root, "interpreted"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Command.Run("/bin/mkfifo", [Path.Combine(root, "fifo")]).Ok();
        Bundle.Sh("while true; do sleep 0.1; done");
        Detached("run", "--detach", "--bundle", Bundle.Folder, Bundle.Id);
        Detached("exec", "--detach", Bundle.Id, command, "--log", "/fifo", "state", "none");
        // Its path is the root of a mount that stands nowhere.
        Eventually.True(() => Inside("for p in /proc/[0-9]*; do readlink $p/exe; done").Stdout.Split('\n').Contains("/"), "the program was not executed inside");
        CommandResult result = Inside("""
            for p in /proc/[0-9]*; do
                [ "$(readlink $p/exe)" = / ] || continue
                echo hacked > $p/exe && echo written
                exec 7<$p/exe; echo hacked > /proc/self/fd/7 && echo written; cat /fifo > /dev/null; sleep 0.2
                for i in 1 2 3 4 5 6 7 8 9; do echo hacked > /proc/self/fd/7 && echo written; done
                echo tried
            done
            """);
        Assert.Contains("tried", result.Stdout, StringComparison.Ordinal);
        Assert.DoesNotContain("written", result.Stdout, StringComparison.Ordinal);
        Assert.Contains("Read-only file system", result.Stderr, StringComparison.Ordinal);
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(Programs.Runtime)));
        Bundle.Runtime(["delete", "--force", Bundle.Id]).Ok();
    }

    // CVE-2024-21626: a descriptor of the host left open, or handed out because the caller asked to keep more than it passed.
    [Fact]
    public void DescriptorsThatWereNotPassedAreNotHandedOut()
    {
        CommandResult result = Bundle.Args("true").Runtime(["run", "--preserve-fds", "3", "--bundle", Bundle.Folder, Bundle.Id]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("descriptor 3 is not open", result.Stderr, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/proc/self/fd/7")]
    [InlineData("/proc/self/fd/8/../../..")]
    public void TheWorkingDirectoryStaysInside(string directory)
    {
        CommandResult result = Bundle.Args("pwd").Edit(config => config["process"]!["cwd"] = directory).Run();
        Assert.True(result.ExitCode != 0 || result.Text is "/" || result.Text.StartsWith("/proc/", StringComparison.Ordinal), result.Stdout);
        Assert.False(Directory.Exists("/proc/self/fd/7/etc/apt"), "a descriptor of the host");
    }

    // CVE-2019-16884, CVE-2021-30465: links of the image where mounts, masks and devices go.
    [Fact]
    public void LinksOfTheImageDoNotLeadMountsOutside()
    {
        string outside = Bundle.Folder + "/outside";
        Directory.CreateDirectory(outside);
        string root = Path.Combine(Bundle.Folder, "rootfs");
        Directory.CreateDirectory(Path.Combine(root, "outside"));
        File.CreateSymbolicLink(Path.Combine(root, "link"), "../../../outside");
        File.CreateSymbolicLink(Path.Combine(root, "absolute"), outside);
        CommandResult result = Bundle.Sh("grep -F ' /outside/a ' /proc/mounts | cut -d' ' -f2").Edit(config => AddTmpfs(config, "/link/a")).Run().Ok();
        Assert.Equal("/outside/a", result.Text);
        Bundle.Sh($"grep -F ' {outside}/b ' /proc/mounts").Edit(config => AddTmpfs(config, "/absolute/b")).Run().Ok();
        Assert.Empty(Directory.GetFileSystemEntries(outside));
    }

    // CVE-2022-29162: inheritable capabilities that an ordinary program with file capabilities would pick up. Groups of the caller must not stay either (CVE-2022-36109 and its kin).
    [Fact]
    public void NoInheritableCapabilitiesAndNoGroupsOfTheCaller()
    {
        CommandResult result = Bundle.Sh("grep -E '^(CapInh|CapAmb|Groups):' /proc/self/status").Run().Ok();
        Assert.Equal("Groups:\t \nCapInh:\t0000000000000000\nCapAmb:\t0000000000000000\n", result.Stdout);
    }

    // CVE-2025-31133: what covers masked files must be the null device, whatever an image puts in its place, and whenever.
    [Fact]
    public void MaskedPathsAreCoveredByTheNullDeviceOnly()
    {
        WithoutMountsBelow("/dev");
        string device = Path.Combine(Bundle.Folder, "rootfs/dev/null");
        File.Delete(device);
        File.CreateSymbolicLink(device, "/proc/sys/kernel/core_pattern");
        CommandResult result = Bundle.Sh("echo ran").Run();
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("expect \\\"/dev/null\\\" to be the device 1:3", result.Stderr, StringComparison.Ordinal);

        Bundle.Sh("stat -c %t:%T /proc/keys");
        foreach (CommandResult run in Racing($"mknod {device}.a c 1 3; while :; do mv -T {device}.a {device}; ln -s /proc/sys/kernel/core_pattern {device}.b; mv -T {device}.b {device}; mknod {device}.a c 1 3; done"))
        {
            Assert.True(run.ExitCode != 0 || run.Text == "1:3", run.Text);
        }
    }

    // CVE-2025-52565: a link in the place of /dev/console, over which the terminal would be mounted before anything is masked.
    [Fact]
    public void TheTerminalIsNotMountedThroughALink()
    {
        WithoutMountsBelow("/dev", except: "/dev/pts");
        File.Delete(Path.Combine(Bundle.Folder, "rootfs/dev/console"));
        File.CreateSymbolicLink(Path.Combine(Bundle.Folder, "rootfs/dev/console"), "/proc/sys/kernel/core_pattern");
        CommandResult result = Bundle.Sh("grep -c core_pattern /proc/self/mountinfo; echo x > /proc/sys/kernel/core_pattern").Edit(config => config["process"]!["terminal"] = true).Run();
        Assert.True(result.ExitCode != 0, result.Stdout);
        Assert.StartsWith("0", result.Stdout, StringComparison.Ordinal);
    }

    // CVE-2025-52881, CVE-2019-16884, CVE-2023-28642: an image whose /proc is not the kernel's gets what the runtime writes there.
    [Fact]
    public void NothingIsWrittenToAFakeProc()
    {
        string fake = Bundle.Folder + "/rootfs/proc";
        foreach (string file in new[] { "sys/kernel/domainname", "self/attr/exec", "self/attr/apparmor/exec" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(fake, file))!);
            File.WriteAllText(Path.Combine(fake, file), "untouched");
        }

        WithoutMountsBelow("/proc");
        Bundle.Sh("cat /real/sys/kernel/domainname; cat /proc/sys/kernel/domainname").Edit(config =>
        {
            config["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/real", ["type"] = "proc", ["source"] = "proc" });
            config["linux"]!["sysctl"] = new JsonObject { ["kernel.domainname"] = "written" };
            config["linux"]!["readonlyPaths"] = null;
        });
        Assert.Equal("written\nuntouched", Bundle.Run().Ok().Text);
        // No such profile, or no such security module: either way it is told, and the process does not run unconfined.
        CommandResult result = Bundle.Edit(config => config["process"]!["apparmorProfile"] = "tare-it-none").Run();
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("/proc/self/attr/apparmor/exec", result.Stderr, StringComparison.Ordinal);
        Assert.Empty(result.Stdout);
        Assert.All(Directory.EnumerateFiles(fake, "*", SearchOption.AllDirectories), file => Assert.Equal("untouched", File.ReadAllText(file)));
    }

    [Theory]
    [InlineData("/proc/self/attr")]
    [InlineData("/proc/sys")]
    [InlineData("proc/../proc/self")]
    public void NothingIsMountedInsideProc(string destination)
    {
        CommandResult result = Bundle.Sh("echo ran").Edit(config => AddTmpfs(config, destination)).Run();
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("it lies inside /proc", result.Stderr, StringComparison.Ordinal);
    }

    // CVE-2024-45310: directories for mounts made outside, when a directory becomes a link at the right moment.
    [Fact]
    public void NoDirectoryIsMadeOutsideWhileADirectoryBecomesALink()
    {
        string outside = Bundle.Folder + "/outside";
        string race = Path.Combine(Bundle.Folder, "rootfs/race");
        Directory.CreateDirectory(outside);
        Directory.CreateDirectory(race);
        Bundle.Args("true").Edit(config => AddTmpfs(config, "/race/a/b/c"));
        foreach (CommandResult run in Racing($"ln -s {outside} {race}.l; while :; do mv -T {race} {race}.d; mv -T {race}.l {race}; mv -T {race} {race}.l; mv -T {race}.d {race}; done"))
        {
            Assert.Empty(Directory.GetFileSystemEntries(outside));
        }
    }

    // CVE-2022-0492 and its kin: limits and the release agent of cgroups stay the host's, even for root of a user namespace with a writable mount.
    [Fact]
    public void LimitsOfTheCgroupCannotBeRaised()
    {
        Command.Run("/bin/chown", ["-R", "100000:100000", Bundle.Folder + "/rootfs"]).Ok();
        Bundle.Sh("""
            find /sys/fs/cgroup -name pids.max -o -name memory.max -o -name memory.limit_in_bytes -o -name release_agent -o -name notify_on_release | while read f; do
                echo tried; echo 1 2>/dev/null > $f && echo written $f
            done; true
            """).Edit(config =>
        {
            config["linux"]!["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "user" });
            Bundle.AddNamespace(config, "cgroup");
            config["linux"]!["resources"]!["pids"] = new JsonObject { ["limit"] = 50 };
            config["mounts"]!.AsArray().Single(mount => (string?)mount!["type"] == "cgroup")!["options"] = new JsonArray("nosuid", "rw");
            foreach (string field in new[] { "uidMappings", "gidMappings" })
            {
                config["linux"]![field] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 100_000, ["size"] = 65536 });
            }
        });
        CommandResult result = Bundle.Run().Ok();
        Assert.Contains("tried", result.Stdout, StringComparison.Ordinal);
        Assert.DoesNotContain("written", result.Stdout, StringComparison.Ordinal);
    }

    // CVE-2022-2989, CVE-2022-2990, CVE-2022-36109: groups that a process was not given. Here those of the runtime's caller.
    [Fact]
    public void AnExecutedProcessHasTheGroupsThatItWasGiven()
    {
        Bundle.Sh("while true; do sleep 0.1; done").Edit(config => config["process"]!["user"]!["additionalGids"] = new JsonArray(7));
        Detached("run", "--detach", "--bundle", Bundle.Folder, Bundle.Id);
        CommandResult result = Command.Run("/usr/bin/setpriv", ["--groups", "4,27", Programs.Runtime, "--root", Bundle.StateRoot, "exec", "--additional-gids", "9", Bundle.Id, "grep", "Groups", "/proc/self/status"]).Ok();
        Assert.Equal("Groups:\t7 9", result.Text.TrimEnd());
        Bundle.Runtime(["delete", "--force", Bundle.Id]).Ok();
    }

    private void WithoutMountsBelow(string path, string? except = null) => Bundle.Edit(config =>
    {
        JsonArray mounts = config["mounts"]!.AsArray();
        foreach (JsonNode? mount in mounts.Where(mount => ((string)mount!["destination"]!).StartsWith(path, StringComparison.Ordinal) && (string?)mount["destination"] != except).ToArray())
        {
            mounts.Remove(mount);
        }

        Directory.CreateDirectory(Path.Combine(Bundle.Folder, "rootfs/dev"));
    });

    // Runs the container often while a script changes the image beneath it.
    private IEnumerable<CommandResult> Racing(string script)
    {
        using System.Diagnostics.Process attacker = Command.Start("/bin/sh", ["-c", script + " 2>/dev/null"]);
        try
        {
            for (int i = 0; i < 15; i++)
            {
                yield return Bundle.Run();
            }
        }
        finally
        {
            attacker.Kill(entireProcessTree: true);
            attacker.WaitForExit();
        }
    }

    private static void AddTmpfs(JsonNode config, string destination)
        => config["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = destination, ["type"] = "tmpfs", ["source"] = "tmpfs" });

    private CommandResult Inside(string script) => Bundle.Runtime(["exec", Bundle.Id, "sh", "-c", script]);
}
