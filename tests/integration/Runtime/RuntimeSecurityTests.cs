using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Tare.IntegrationTests.Runtime;

/// <summary>Attacks on the host that succeeded against a runtime once; each must fail here. docs/security.md lists them.</summary>
public sealed class RuntimeSecurityTests : IDisposable
{
    private readonly MachineState _before;
    private readonly Bundle _bundle;

    public RuntimeSecurityTests()
    {
        _before = MachineState.Take("tare-it-");
        _bundle = new Bundle();
    }

    public void Dispose()
    {
        _bundle.Dispose();
        _before.AssertNothingNew();
    }

    // CVE-2019-5736: the program of the host executed inside, held open there, and written to.
    [Theory]
    [InlineData("/proc/self/exe")]
    [InlineData("/interpreted")]
    public void TheHostsProgramCannotBeOverwritten(string command)
    {
        byte[] before = SHA256.HashData(File.ReadAllBytes(Programs.Runtime));
        string root = Path.Combine(_bundle.Folder, "rootfs");
        // The log option opens the fifo for writing, which keeps the program running until somebody reads.
        File.WriteAllText(Path.Combine(root, "interpreted"), "#!/proc/self/exe --log=/fifo\n");
        File.SetUnixFileMode(Path.Combine(root, "interpreted"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Command.Run("/bin/mkfifo", [Path.Combine(root, "fifo")]).Ok();
        _bundle.Sh("while true; do sleep 0.1; done");
        Detached("run", "--detach", "--bundle", _bundle.Folder, _bundle.Id);
        Detached("exec", "--detach", _bundle.Id, command, "--log", "/fifo", "state", "none");
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
        _bundle.Runtime(["delete", "--force", _bundle.Id]).Ok();
    }

    // CVE-2024-21626: a descriptor of the host left open, or handed out because the caller asked to keep more than it passed.
    [Fact]
    public void DescriptorsThatWereNotPassedAreNotHandedOut()
    {
        CommandResult result = _bundle.Args("true").Runtime(["run", "--preserve-fds", "3", "--bundle", _bundle.Folder, _bundle.Id]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("descriptor 3 is not open", result.Stderr, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/proc/self/fd/7")]
    [InlineData("/proc/self/fd/8/../../..")]
    public void TheWorkingDirectoryStaysInside(string directory)
    {
        CommandResult result = _bundle.Args("pwd").Edit(config => config["process"]!["cwd"] = directory).Run();
        Assert.True(result.ExitCode != 0 || result.Text is "/" || result.Text.StartsWith("/proc/", StringComparison.Ordinal), result.Stdout);
        Assert.False(Directory.Exists("/proc/self/fd/7/etc/apt"), "a descriptor of the host");
    }

    // CVE-2019-16884, CVE-2021-30465: links of the image where mounts, masks and devices go.
    [Fact]
    public void LinksOfTheImageDoNotLeadMountsOutside()
    {
        string outside = _bundle.Folder + "/outside";
        Directory.CreateDirectory(outside);
        string root = Path.Combine(_bundle.Folder, "rootfs");
        Directory.CreateDirectory(Path.Combine(root, "outside"));
        File.CreateSymbolicLink(Path.Combine(root, "link"), "../../../outside");
        File.CreateSymbolicLink(Path.Combine(root, "absolute"), outside);
        CommandResult result = _bundle.Sh("grep -F ' /outside/a ' /proc/mounts | cut -d' ' -f2").Edit(config => AddTmpfs(config, "/link/a")).Run().Ok();
        Assert.Equal("/outside/a", result.Text);
        Assert.NotEqual(0, _bundle.Edit(config => AddTmpfs(config, "/absolute/b")).Run().ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(outside));
    }

    // CVE-2022-29162: inheritable capabilities that an ordinary program with file capabilities would pick up. Groups of the caller must not stay either (CVE-2022-36109 and its kin).
    [Fact]
    public void NoInheritableCapabilitiesAndNoGroupsOfTheCaller()
    {
        CommandResult result = _bundle.Sh("grep -E '^(CapInh|CapAmb|Groups):' /proc/self/status").Run().Ok();
        Assert.Equal("Groups:\t \nCapInh:\t0000000000000000\nCapAmb:\t0000000000000000\n", result.Stdout);
    }

    private static void AddTmpfs(JsonNode config, string destination)
        => config["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = destination, ["type"] = "tmpfs", ["source"] = "tmpfs" });

    private CommandResult Inside(string script) => _bundle.Runtime(["exec", _bundle.Id, "sh", "-c", script]);

    private void Detached(params string[] arguments)
        => Command.Run("/bin/sh", ["-c", $"exec {Programs.Runtime} --root {_bundle.StateRoot} {string.Join(' ', arguments)} </dev/null >/dev/null 2>{_bundle.Folder}/stderr"]).Ok();
}
