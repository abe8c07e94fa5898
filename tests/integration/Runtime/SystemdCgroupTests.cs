using System.Text.Json.Nodes;

namespace Tare.IntegrationTests.Runtime;

/// <summary>Cgroups made by systemd, which here is a fake behind a fake bus: what the runtime asks of it, and what it does with the cgroup.</summary>
public sealed class SystemdCgroupTests : IDisposable
{
    private readonly MachineState _before;
    private readonly Bundle _bundle;

    public SystemdCgroupTests()
    {
        _before = MachineState.Take("tare-it-");
        _bundle = new Bundle();
        _bundle.Edit(config =>
        {
            config["linux"]!["cgroupsPath"] = $"{Slice}:tareit:{_bundle.Id}";
            config["linux"]!["resources"]!["pids"] = new JsonObject { ["limit"] = 77 };
            config["annotations"] = new JsonObject { ["org.systemd.property.CollectMode"] = "'inactive-or-failed'" };
        });
    }

    public void Dispose()
    {
        _bundle.Dispose();
        Command.Run("/bin/sh", ["-c", $"find /sys/fs/cgroup -depth -name {Slice} -exec rmdir {{}} ';'"]);
        _before.AssertNothingNew();
    }

    private static string Slice => $"tareit{Environment.ProcessId}.slice";

    private string SocketPath => _bundle.Folder + "/bus.sock";

    private string Unit => $"tareit-{_bundle.Id}.scope";

    [Fact]
    public void AContainerLivesInAScope()
    {
        using FakeSystemd systemd = new(SocketPath);
        _bundle.Sh("while true; do sleep 0.1; done");
        Runtime("run", "-d", "--bundle", _bundle.Folder, _bundle.Id).Ok();
        Assert.Equal(["Subscribe", "StartTransientUnit"], systemd.Members);
        string asked = systemd.TextOf("StartTransientUnit");
        Assert.All(new[] { Unit, "replace", "Slice", Slice, "Delegate", "PIDs", "TasksMax", "CollectMode", "inactive-or-failed" }, text => Assert.Contains(text, asked, StringComparison.Ordinal));
        // PIDs is an array of one process, which must have been there to hold the place.
        byte[] pids = systemd.After("StartTransientUnit", "PIDs\0\u0002au\0");
        Assert.Equal(4, BitConverter.ToInt32(pids.AsSpan(pids.AsSpan().IndexOf((byte)4))));
        // From outside, since a container of cgroup v2 has a cgroup namespace and sees only its own part of the path.
        int pid = (int)JsonNode.Parse(_bundle.Runtime(["state", _bundle.Id]).Ok().Stdout)!["pid"]!;
        Assert.Contains($":/{Slice}/{Unit}", File.ReadAllText($"/proc/{pid}/cgroup"), StringComparison.Ordinal);

        Runtime("update", "--pids-limit", "55", _bundle.Id).Ok();
        Assert.Contains("TasksMax", systemd.TextOf("SetUnitProperties"), StringComparison.Ordinal);
        Runtime("delete", "--force", _bundle.Id).Ok();
        Assert.Contains(Unit, systemd.TextOf("StopUnit"), StringComparison.Ordinal);
        Assert.Equal("ResetFailedUnit", systemd.Members[^1]);
    }

    [Fact]
    public void ARefusalOfSystemdIsTold()
    {
        using FakeSystemd systemd = new(SocketPath, "org.freedesktop.DBus.Error.AccessDenied");
        CommandResult result = Runtime("run", "--bundle", _bundle.Folder, _bundle.Id);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains($"systemd: start unit \\\"{Unit}\\\": org.freedesktop.DBus.Error.AccessDenied: no", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutABusNothingRuns()
    {
        CommandResult result = Runtime("run", "--bundle", _bundle.Folder, _bundle.Id);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("systemd: start unit", result.Stderr, StringComparison.Ordinal);
    }

    private CommandResult Runtime(params string[] arguments) => Command.Run("/bin/sh",
        ["-c", $"{Programs.Runtime} --root {_bundle.StateRoot} --systemd-cgroup \"$@\" </dev/null >{_bundle.Folder}/out 2>{_bundle.Folder}/err; code=$?; cat {_bundle.Folder}/err >&2; exit $code", "sh", .. arguments],
        environment: new Dictionary<string, string> { ["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=" + SocketPath });
}
