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
