using System.Text.Json.Nodes;

namespace Tare.IntegrationTests.Runtime;

/// <summary>Device nodes of a configuration.</summary>
public sealed class RuntimeDeviceTests : BundleTests
{
    private string Root => Bundle.Folder + "/rootfs";

    [Fact]
    public void NodesOfAllTypesAreMadeWhereTheyAreAskedFor()
    {
        Devices(Device("/dev/seven", "c", 1, 7, 0x1A0, 3, 4), Device("/made/block", "b", 7, 200), Device("/dev/raw", "u", 1, 3), Device("/made/fifo", "p"));
        Assert.Equal(
            "character special file 1:7 640 3:4\nblock special file 7:c8 666 0:0\ncharacter special file 1:3 666 0:0\nfifo 0:0 666 0:0",
            Bundle.Sh("stat -c '%F %t:%T %a %u:%g' /dev/seven /made/block /dev/raw /made/fifo").Run().Ok().Text);
    }

    [Fact]
    public void ANodeThatIsThereMayStayWhenItIsTheSame()
    {
        Command.Run("/bin/mknod", [Root + "/same", "c", "1", "3"]).Ok();
        Devices(Device("/same", "c", 1, 3));
        Bundle.Args("true").Run().Ok();
    }

    [Theory]
    [InlineData("c", 1, 3, "to be the device 1:3: EEXIST")]
    [InlineData("p", 0, 0, "to be a fifo: EEXIST")]
    public void AnotherFileInThePlaceIsAnError(string type, int major, int minor, string message)
    {
        File.WriteAllText(Root + "/there", "");
        Devices(Device("/there", type, major, minor));
        CommandResult result = Bundle.Args("true").Run();
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(message, result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void AUserNamespaceGetsTheNodesOfTheHost()
    {
        Command.Run("/bin/chown", ["-R", "100000:100000", Root]).Ok();
        Devices(Device("/dev/fifo", "p")).Edit(UserNamespace);
        Assert.Equal("character special file 1:3 fifo", Bundle.Sh("echo x > /dev/null; echo $(stat -c '%F %t:%T' /dev/null) $(stat -c %F /dev/fifo)").Run().Ok().Text);
    }

    // The cgroup of a container belongs to its user, who may then divide it: only version 2, only the files that the kernel delegates.
    [Theory]
    [InlineData("rw", "100000 0 100000")]
    [InlineData("ro", "0 0 0")]
    public void AWritableCgroupBelongsToTheUser(string option, string owners)
    {
        Command.Run("/bin/chown", ["-R", "100000:100000", Root]).Ok();
        Bundle.Sh("while true; do sleep 0.1; done").Edit(UserNamespace).Edit(config =>
        {
            Bundle.AddNamespace(config, "cgroup");
            config["mounts"]!.AsArray().Single(mount => (string?)mount!["type"] == "cgroup")!["options"] = new JsonArray("nosuid", option);
        });
        Command.Run("/bin/sh", ["-c", $"exec {Programs.Runtime} --root {Bundle.StateRoot} run -d --bundle {Bundle.Folder} {Bundle.Id} </dev/null >/dev/null 2>{Bundle.Folder}/err"]).Ok();
        string directory = Directory.Exists("/sys/fs/cgroup/unified") ? "/sys/fs/cgroup/unified/" + Bundle.Id : "/sys/fs/cgroup/" + Bundle.Id;
        Assert.Equal(owners, Command.Run("/bin/sh", ["-c", $"echo $(stat -c %u {directory} {directory}/cgroup.max.depth {directory}/cgroup.procs)"]).Ok().Text);
        Bundle.Runtime(["delete", "--force", Bundle.Id]).Ok();
    }

    private static void UserNamespace(JsonNode config)
    {
        config["linux"]!["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "user" });
        foreach (string field in new[] { "uidMappings", "gidMappings" })
        {
            config["linux"]![field] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 100_000, ["size"] = 65536 });
        }
    }

    private static JsonObject Device(string path, string type, int major = 0, int minor = 0, int? mode = null, int uid = 0, int gid = 0) => new()
    {
        ["path"] = path,
        ["type"] = type,
        ["major"] = major,
        ["minor"] = minor,
        ["fileMode"] = mode,
        ["uid"] = uid,
        ["gid"] = gid,
    };

    private Bundle Devices(params JsonObject[] devices) => Bundle.Edit(config => config["linux"]!["devices"] = new JsonArray([.. devices]));
}
