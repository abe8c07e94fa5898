using System.Text.Json.Nodes;

namespace Tare.ConformanceTests.Runtimes;

/// <summary><c>checkpoint</c> and <c>restore</c> through the genuine criu.</summary>
public sealed class CheckpointTests(CheckpointFixture fixture) : IClassFixture<CheckpointFixture>
{
    [Fact]
    public void ACheckpointEndsTheContainerAndARestoreGoesOn()
    {
        string id = fixture.Counting();
        IReadOnlyList<string> mounts = fixture.Mounts(id);
        string cgroup = File.ReadAllText($"/proc/{fixture.State(id, "pid")}/cgroup");
        fixture.Checkpoint(id);
        Assert.Contains("does not exist", fixture.Runtime(["state", id]).Exits(1).Stderr, StringComparison.Ordinal);
        int count = fixture.Count(id);

        fixture.Restore(id, ["--pid-file", fixture.Folder(id) + "/pid"]);
        fixture.AssertCountsOn(id, count);
        Assert.Equal("running", fixture.State(id, "status"));
        Assert.Equal(File.ReadAllText(fixture.Folder(id) + "/pid"), fixture.State(id, "pid"));
        Assert.Equal(mounts, fixture.Mounts(id));
        Assert.Equal(cgroup, File.ReadAllText($"/proc/{fixture.State(id, "pid")}/cgroup"));
        // The network namespace comes back empty, but not without its loopback interface.
        Assert.Contains("inet 127.0.0.1", fixture.Runtime(["exec", id, "ip", "addr"]).Ok().Stdout, StringComparison.Ordinal);
        Assert.Contains("already exists", fixture.Runtime(["restore", "--bundle", fixture.Folder(id), "--image-path", fixture.Images(id), id]).Exits(1).Stderr, StringComparison.Ordinal);
        fixture.Delete(id);
    }

    [Fact]
    public void ALeftContainerRunsOn()
    {
        string id = fixture.Counting();
        fixture.Checkpoint(id, ["--leave-running", "--work-path", fixture.Folder(id) + "/work"]);
        Assert.True(File.Exists(fixture.Folder(id) + "/work/dump.log"));
        Assert.Equal("running", fixture.State(id, "status"));
        fixture.AssertCountsOn(id, fixture.Count(id));
        fixture.Runtime(["pause", id]).Ok();
        fixture.Runtime(["checkpoint", "--leave-running", "--image-path", fixture.Folder(id) + "/paused", id]).Ok();
        Assert.Equal("paused", fixture.State(id, "status"));
        fixture.Delete(id);
    }

    [Theory]
    [InlineData("runc", null)]
    [InlineData(null, "runc")]
    public void ImagesAreExchangedWithRunc(string? from, string? to)
    {
        string id = fixture.Counting(runtime: from);
        fixture.Checkpoint(id, runtime: from);
        int count = fixture.Count(id);
        fixture.Restore(id, runtime: to);
        fixture.AssertCountsOn(id, count);
        fixture.Delete(id, to);
    }

    [Fact]
    public void AUserNamespace()
    {
        string id = fixture.Bundle(CheckpointFixture.Counter, config =>
        {
            AddNamespace(config, "user");
            config["linux"]!["uidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 100000, ["size"] = 65536 });
            config["linux"]!["gidMappings"] = config["linux"]!["uidMappings"]!.DeepClone();
        });
        Command.Run("/bin/chown", ["-R", "100000:100000", fixture.Folder(id) + "/rootfs"]).Ok();
        fixture.Detached(["run", "--detach", "--bundle", fixture.Folder(id), id]);
        Eventually.True(() => fixture.Count(id) > 2, "it does not count");
        IReadOnlyList<string> mounts = fixture.Mounts(id);
        fixture.Checkpoint(id);
        int count = fixture.Count(id);
        fixture.Restore(id);
        fixture.AssertCountsOn(id, count);
        Assert.Equal(mounts, fixture.Mounts(id));
        Assert.Contains("100000", File.ReadAllText($"/proc/{fixture.State(id, "pid")}/uid_map"), StringComparison.Ordinal);
        fixture.Delete(id);
    }

    [Fact]
    public void ACgroupNamespaceAndVolumesWithMountsOfTheirOwn()
    {
        string volume = fixture.Root.Folder + "/volume";
        Directory.CreateDirectory(volume + "/inner");
        fixture.Root.Run(["mount", "-t", "tmpfs", "inner", volume + "/inner"]).Ok();
        try
        {
            fixture.Root.Run(["sh", "-c", $"printf there > {volume}/inner/file"]).Ok();
            string id = fixture.Counting(config =>
            {
                AddNamespace(config, "cgroup");
                config["mounts"]!.AsArray().Add(Bind("/volume", volume, "rbind"));
                config["mounts"]!.AsArray().Add(Bind("/var/lib/made/file", volume + "/note", "bind", "ro"));
                File.WriteAllText(volume + "/note", "note");
            });
            IReadOnlyList<string> mounts = fixture.Mounts(id);
            fixture.Checkpoint(id);
            // As on another machine: the places to mount on are not there yet.
            Directory.Delete(fixture.Folder(id) + "/rootfs/var/lib", recursive: true);
            int count = fixture.Count(id);
            fixture.Restore(id);
            fixture.AssertCountsOn(id, count);
            Assert.Equal(mounts, fixture.Mounts(id));
            Assert.Equal("therenote", fixture.Runtime(["exec", id, "cat", "/volume/inner/file", "/var/lib/made/file"]).Ok().Stdout);
            fixture.Delete(id);
        }
        finally
        {
            fixture.Root.Run(["umount", volume + "/inner"]).Ok();
        }
    }

    [Fact]
    public void ANetworkNamespaceOfOthersStaysTheirs()
    {
        string name = fixture.Root.Name;
        fixture.Root.Run(["ip", "netns", "add", name]).Ok();
        try
        {
            string id = fixture.Counting(config => config["linux"]!["namespaces"]!.AsArray().First(entry => (string?)entry!["type"] == "network")!["path"] = "/run/netns/" + name);
            string? link = new FileInfo($"/proc/{fixture.State(id, "pid")}/ns/net").LinkTarget;
            fixture.Checkpoint(id);
            fixture.Restore(id);
            Assert.Equal(link, new FileInfo($"/proc/{fixture.State(id, "pid")}/ns/net").LinkTarget);
            fixture.Delete(id);
        }
        finally
        {
            fixture.Root.Run(["ip", "netns", "delete", name]).Ok();
            fixture.Root.Run(["umount", "/run/netns"]).Ok();
        }
    }

    [Fact]
    public void ARestoreInTheForegroundHasItsOwnStreamsAndReturnsTheExitCode()
    {
        // The container's standard output is a pipe, which the restored one has of whoever restores it.
        string id = fixture.Bundle("while [ ! -e /go ]; do echo 1 > /count; sleep 0.05; done; cat; exit 7");
        using System.Diagnostics.Process first = fixture.Root.Start([fixture.Root.Runtime, "--root", fixture.Root.Folder + "/state-tare", "run", "--bundle", fixture.Folder(id), id]);
        Eventually.True(() => fixture.Count(id) == 1, "it does not run");
        fixture.Checkpoint(id);
        first.WaitForExit();
        Assert.Equal(137, first.ExitCode);
        File.WriteAllText(fixture.Folder(id) + "/rootfs/go", "");
        CommandResult result = fixture.Root.Run([fixture.Root.Runtime, "--root", fixture.Root.Folder + "/state-tare", "restore", "--bundle", fixture.Folder(id), "--image-path", fixture.Images(id), id], "through\n"u8.ToArray());
        Assert.Equal("through\n", result.Exits(7).Stdout);
        Assert.Equal("", fixture.Runtime(["list", "-q"]).Ok().Text);
    }

    [Fact]
    public async Task ATerminalComesBackWithANewMaster()
    {
        string id = fixture.Bundle("while [ ! -e /go ]; do echo 1 > /count; sleep 0.05; done; tty; stty size; exit 3", terminal: true);
        string command = $"{fixture.Root.Runtime} --root {fixture.Root.Folder}/state-tare";
        Task<CommandResult> first = Task.Run(() => fixture.Root.RunOnTerminal($"{command} run --bundle {fixture.Folder(id)} {id}"), TestContext.Current.CancellationToken);
        Eventually.True(() => fixture.Count(id) == 1, "it does not run");
        fixture.Checkpoint(id);
        await first;
        File.WriteAllText(fixture.Folder(id) + "/rootfs/go", "");
        CommandResult result = fixture.Root.RunOnTerminal($"stty rows 33 cols 77; {command} restore --bundle {fixture.Folder(id)} --image-path {fixture.Images(id)} {id}");
        Assert.Contains("/dev/pts/0", result.Exits(3).Stdout, StringComparison.Ordinal);
        Assert.Contains("33 77", result.Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public void HooksOfTheRuntimesNamespacesRunAgain()
    {
        string log = $"{fixture.Root.Folder}/hooks-{Guid.NewGuid():N}";
        string id = fixture.Counting(config =>
        {
            JsonObject hooks = [];
            foreach (string kind in new[] { "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop" })
            {
                hooks[kind] = new JsonArray(new JsonObject { ["path"] = "/bin/sh", ["args"] = new JsonArray("sh", "-c", $"echo {kind} $(cat) >> {log} 2>/dev/null || true") });
            }

            config["hooks"] = hooks;
        });
        File.Delete(log);
        fixture.Checkpoint(id);
        Assert.Equal(["poststop"], Kinds());
        fixture.Restore(id);
        Assert.Equal(["poststop", "prestart", "createRuntime"], Kinds());
        Assert.Contains($"\"pid\":{fixture.State(id, "pid")}", File.ReadLines(log).Last(), StringComparison.Ordinal);
        fixture.Delete(id);

        string[] Kinds() => [.. File.ReadLines(log).Select(line => line.Split(' ')[0])];
    }

    [Fact]
    public void AFailedRestoreLeavesNothing()
    {
        string id = fixture.Counting();
        fixture.Checkpoint(id);
        Assert.Contains("descriptors.json: no such file or directory", Restore(fixture.Folder(id)).Stderr, StringComparison.Ordinal);
        File.Delete(fixture.Images(id) + "/inventory.img");
        CommandResult result = Restore(fixture.Images(id));
        Assert.Contains("criu failed: type RESTORE", result.Stderr, StringComparison.Ordinal);
        Assert.Contains("restore.log", result.Stderr, StringComparison.Ordinal);
        Assert.Equal("", fixture.Runtime(["list", "-q"]).Ok().Text);
        Assert.False(Directory.Exists("/sys/fs/cgroup/pids" + fixture.Root.CgroupParent + "/" + id));

        CommandResult Restore(string images) => fixture.Runtime(["restore", "--bundle", fixture.Folder(id), "--image-path", images, id]).Exits(1);
    }

    [Fact]
    public void ErrorsAreThoseOfRunc()
    {
        string id = fixture.Counting();
        string created = fixture.Bundle("true");
        fixture.Detached(["create", "--bundle", fixture.Folder(created), created]);
        Says("invalid manage-cgroups-mode value", ["--manage-cgroups-mode", "bad", id]);
        Says("namespace \\\"foo\\\" is not supported", ["--empty-ns", "foo", id]);
        Says("--parent-path must be relative", ["--parent-path", "/abs", id]);
        Says("invalid --parent-path: stat", ["--parent-path", "nothing", id]);
        Says("Use --page-server ADDRESS:PORT to specify page server", ["--page-server", "foo", id]);
        Says("Invalid port number", ["--page-server", "foo:bar", id]);
        Says("invalid --status-fd argument 77", ["--lazy-pages", "--status-fd", "77", id]);
        Says("Container cannot be checkpointed in created state", [created]);
        Says("does not exist", ["nothing-here"]);
        CommandResult missing = fixture.Root.Run(["env", "PATH=/nothing", fixture.Root.Runtime, "--root", fixture.Root.Folder + "/state-tare", "checkpoint", id]).Exits(1);
        Assert.Contains("CRIU version check failed: exec: \\\"criu\\\": executable file not found in $PATH", missing.Stderr, StringComparison.Ordinal);
        Assert.Equal("running", fixture.State(id, "status"));
        fixture.Delete(id);
        fixture.Delete(created);

        void Says(string text, string[] options) => Assert.Contains(text, fixture.Runtime(["checkpoint", "--image-path", fixture.Images(id), .. options]).Exits(1).Stderr, StringComparison.Ordinal);
    }

    private static void AddNamespace(JsonNode config, string type) => config["linux"]!["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = type });

    private static JsonObject Bind(string destination, string source, params string[] options)
        => new() { ["destination"] = destination, ["source"] = source, ["type"] = "bind", ["options"] = new JsonArray([.. options.Select(option => (JsonNode)option)]) };
}
