using System.Text.Json.Nodes;

namespace Tare.IntegrationTests.Runtime;

/// <summary>The runtime as a user without privileges: nobody, with and without a range of ids.</summary>
public sealed class RootlessTests : IDisposable
{
    private const string User = "65534";
    private readonly MachineState _before;
    private readonly Bundle _bundle;

    public RootlessTests()
    {
        _before = MachineState.Take("tare-it-");
        _bundle = new Bundle();
        File.Copy(Programs.Runtime, _bundle.Folder + "/tare-runtime");
        File.WriteAllText(_bundle.Folder + "/ids", "nobody:300000:65536\n");
        File.Delete(_bundle.Folder + "/config.json");
        Command.Run("/bin/chown", ["-R", $"{User}:{User}", _bundle.Folder]).Ok();
        AsUser("spec", "--rootless", "--bundle", _bundle.Folder).Ok();
        _bundle.Edit(config =>
        {
            config["process"]!["terminal"] = false;
            config["root"]!["readonly"] = false;
        });
    }

    public void Dispose()
    {
        AsUser("delete", "--force", _bundle.Id);
        _bundle.Dispose();
        _before.AssertNothingNew();
    }

    [Fact]
    public void TheOwnIdBecomesRoot()
    {
        _bundle.Sh("id -u; cat /proc/self/uid_map /proc/self/setgroups; echo x > /made; echo y > /dev/null");
        Assert.Equal(["0", "0", "65534", "1", "deny"], AsUser("run", "--bundle", _bundle.Folder, _bundle.Id).Ok().Stdout.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal($"{User}:{User}", Command.Run("/bin/stat", ["-c", "%u:%g", _bundle.Folder + "/rootfs/made"]).Ok().Text);
    }

    // CVE-2023-25809: /sys bound read-only, with the cgroups below it writable.
    [Fact]
    public void TheCgroupsOfTheHostAreReadOnly()
    {
        _bundle.Sh("grep ' /sys' /proc/self/mounts");
        string[] mounts = AsUser("run", "--bundle", _bundle.Folder, _bundle.Id).Ok().Text.Split('\n');
        Assert.NotEmpty(mounts);
        Assert.All(mounts, mount => Assert.StartsWith("ro,", mount.Split(' ')[3], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AContainerLivesItsWholeLife(bool range)
    {
        _bundle.Sh("while true; do sleep 0.1; done");
        if (range)
        {
            Assert.SkipUnless(File.Exists("/usr/bin/newuidmap"), "package uidmap is not installed");
            _bundle.Edit(AddRange);
        }

        Detached("create", "--bundle", _bundle.Folder, _bundle.Id);
        AsUser("start", _bundle.Id).Ok();
        string ids = AsUser("exec", _bundle.Id, "sh", "-c", "echo $(id -u) $(id -g) $(id -G) $$").Ok().Text;
        Assert.Matches(range ? "^5 6 6 7 [0-9]+$" : "^0 0 0 [0-9]+$", ids);
        Assert.True(int.Parse(ids.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture) < 1000, "in the pid namespace: " + ids);
        Assert.Equal(7, AsUser("exec", _bundle.Id, "sh", "-c", "exit 7").ExitCode);
        Assert.Contains("nobody", AsUser("list").Ok().Stdout, StringComparison.Ordinal);
        Assert.NotEmpty(JsonNode.Parse(AsUser("ps", "--format", "json", _bundle.Id).Ok().Text)!.AsArray());
        AsUser("kill", _bundle.Id, "KILL").Ok();
        Eventually.True(() => AsUser("state", _bundle.Id).Ok().Stdout.Contains("\"stopped\"", StringComparison.Ordinal), "it runs on");
        AsUser("delete", _bundle.Id).Ok();
    }

    [Fact]
    public void ARangeThatIsNotTheUsersIsRefused()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/newuidmap"), "package uidmap is not installed");
        _bundle.Sh("true").Edit(AddRange).Edit(config => config["linux"]!["uidMappings"]![1]!["hostID"] = 1000);
        CommandResult result = AsUser("run", "--bundle", _bundle.Folder, _bundle.Id);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("newuidmap does not grant 65534 to 65534, 1000 to 66535: see /etc/subuid", result.Stderr, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DBUS_SESSION_BUS_ADDRESS=unix:path={0}/bus,guid=00")]
    [InlineData("XDG_RUNTIME_DIR={0}")]
    public void TheUsersSystemdMakesTheScope(string variable)
    {
        using FakeSystemd systemd = new(_bundle.Folder + "/bus") { ControlGroup = "/tareit-user" };
        Command.Run("/bin/chmod", ["666", _bundle.Folder + "/bus"]).Ok();
        _bundle.Sh("echo ran").Edit(config => config["linux"]!["cgroupsPath"] = ":tareit:" + _bundle.Id);
        string[] command = ["env", "-u", "DBUS_SESSION_BUS_ADDRESS", string.Format(System.Globalization.CultureInfo.InvariantCulture, variable, _bundle.Folder),
            "setpriv", "--reuid", User, "--regid", User, "--clear-groups", _bundle.Folder + "/tare-runtime", "--root", _bundle.Folder + "/state"];
        Assert.Equal("ran", Command.Run("/usr/bin/env", [.. command, "--systemd-cgroup", "run", "--bundle", _bundle.Folder, _bundle.Id]).Ok().Text);
        Assert.Equal("Get", systemd.Members[0]);
        Assert.Contains("user.slice", systemd.TextOf("StartTransientUnit"), StringComparison.Ordinal);
        Assert.Contains($"tareit-{_bundle.Id}.scope", systemd.TextOf("StartTransientUnit"), StringComparison.Ordinal);
        Assert.Contains("StopUnit", systemd.Members);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnAgentGetsTheListener(bool noNewPrivileges)
    {
        using SeccompAgent agent = new(_bundle.Folder + "/agent.sock");
        Command.Run("/bin/chmod", ["666", _bundle.Folder + "/agent.sock"]).Ok();
        Notify("mkdir", "mkdirat");
        _bundle.Sh("mkdir /new; while true; do sleep 0.1; done").Edit(config => config["process"]!["noNewPrivileges"] = noNewPrivileges);
        Task<string> created = Task.Run(() => agent.Serve(28), TestContext.Current.CancellationToken); // ENOSPC
        Detached("run", "--detach", "--bundle", _bundle.Folder, _bundle.Id);
        Assert.Contains("creating", await created.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Task<string> executed = Task.Run(() => agent.Serve(28), TestContext.Current.CancellationToken);
        Assert.Contains("No space left", AsUser("exec", _bundle.Id, "mkdir", "/other").Stderr, StringComparison.Ordinal);
        Assert.Contains("running", await executed.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_bundle.Folder + "/rootfs/new"));
        AsUser("delete", "--force", _bundle.Id).Ok();
    }

    [Fact]
    public void TheCallThatSendsTheListenerCannotBeNotified()
    {
        Notify("sendmsg");
        Assert.Contains("SCMP_ACT_NOTIFY cannot be used for the sendmsg system call", AsUser("run", "--bundle", _bundle.Folder, _bundle.Id).Stderr, StringComparison.Ordinal);
    }

    private void Notify(params string[] calls) => _bundle.Edit(config => config["linux"]!["seccomp"] = new JsonObject
    {
        ["defaultAction"] = "SCMP_ACT_ALLOW",
        ["listenerPath"] = _bundle.Folder + "/agent.sock",
        ["syscalls"] = new JsonArray(new JsonObject { ["names"] = new JsonArray([.. calls.Select(name => (JsonNode)name)]), ["action"] = "SCMP_ACT_NOTIFY" }),
    });

    private static void AddRange(JsonNode config)
    {
        foreach (string field in new[] { "uidMappings", "gidMappings" })
        {
            config["linux"]![field]!.AsArray().Add(new JsonObject { ["containerID"] = 1, ["hostID"] = 300_000, ["size"] = 65536 });
        }

        config["process"]!["user"] = new JsonObject { ["uid"] = 5, ["gid"] = 6, ["additionalGids"] = new JsonArray(7) };
    }

    private CommandResult AsUser(params string[] arguments) => Command.Run("/usr/bin/unshare", ["--mount", "/bin/sh", "-c", $"{Become()} \"$@\"", "sh", .. arguments]);

    private void Detached(params string[] arguments)
        => Command.Run("/usr/bin/unshare", ["--mount", "/bin/sh", "-c", $"{Become()} \"$@\" </dev/null >/dev/null 2>{_bundle.Folder}/stderr", "sh", .. arguments]).Ok();

    // /etc/subuid and /etc/subgid are this test's only for its own commands.
    private string Become()
        => $"touch /etc/subuid /etc/subgid; mount --bind {_bundle.Folder}/ids /etc/subuid; mount --bind {_bundle.Folder}/ids /etc/subgid; "
            + $"exec setpriv --reuid {User} --regid {User} --clear-groups {_bundle.Folder}/tare-runtime --root {_bundle.Folder}/state";
}
