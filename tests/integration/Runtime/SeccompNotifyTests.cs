using System.Text.Json.Nodes;

namespace Tare.IntegrationTests.Runtime;

/// <summary>SCMP_ACT_NOTIFY: an agent outside decides about calls of the container.</summary>
public sealed class SeccompNotifyTests : IDisposable
{
    private const int NoSpace = 28; // ENOSPC
    private readonly MachineState _before;
    private readonly Bundle _bundle;

    public SeccompNotifyTests()
    {
        _before = MachineState.Take("tare-it-");
        _bundle = new Bundle();
    }

    public void Dispose()
    {
        _bundle.Dispose();
        _before.AssertNothingNew();
    }

    private string SocketPath => _bundle.Folder + "/agent.sock";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnAgentAnswersTheCallsOfTheContainer(bool noNewPrivileges)
    {
        using SeccompAgent agent = new(SocketPath);
        Notify("mkdir", "mkdirat");
        _bundle.Sh("mkdir /new || true; while true; do sleep 0.1; done").Edit(config => config["process"]!["noNewPrivileges"] = noNewPrivileges);
        Task<string> created = Task.Run(() => agent.Serve(NoSpace), TestContext.Current.CancellationToken);
        Command.Run("/bin/sh", ["-c", $"exec {Programs.Runtime} --root {_bundle.StateRoot} run -d --bundle {_bundle.Folder} {_bundle.Id} </dev/null >{_bundle.Folder}/out 2>&1"]).Ok();
        JsonNode state = JsonNode.Parse(await created.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken))!;
        Assert.Equal(["seccompFd"], state["fds"]!.AsArray().Select(name => (string?)name));
        Assert.Equal("for the agent", (string?)state["metadata"]);
        Assert.Equal(_bundle.Id, (string?)state["state"]!["id"]);
        Assert.Equal("creating", (string?)state["state"]!["status"]);
        Assert.Equal((int)state["pid"]!, (int)state["state"]!["pid"]!);
        Eventually.True(() => File.ReadAllText(_bundle.Folder + "/out").Contains("No space left", StringComparison.Ordinal), "the agent's answer did not come");
        Assert.False(Directory.Exists(_bundle.Folder + "/rootfs/new"));

        Task<string> executed = Task.Run(() => agent.Serve(NoSpace), TestContext.Current.CancellationToken);
        CommandResult inside = _bundle.Runtime(["exec", _bundle.Id, "mkdir", "/other"]);
        Assert.Contains("No space left", inside.Stderr, StringComparison.Ordinal);
        state = JsonNode.Parse(await executed.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken))!;
        Assert.Equal("running", (string?)state["state"]!["status"]);
        Assert.NotEqual((int)state["pid"]!, (int)state["state"]!["pid"]!);
        _bundle.Runtime(["delete", "--force", _bundle.Id]).Ok();
    }

    [Fact]
    public void WithoutAnAgentNothingRuns()
    {
        Notify("mkdir");
        CommandResult result = _bundle.Sh("echo ran").Run();
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains($"seccomp listener \\\"{SocketPath}\\\": connect", result.Stderr, StringComparison.Ordinal);
        Assert.Empty(result.Stdout);
        Assert.NotEqual(0, _bundle.Runtime(["state", _bundle.Id]).ExitCode);
    }

    [Fact]
    public void TheRuntimesOwnCallsCannotBeNotified()
    {
        Notify("write");
        Assert.Contains("SCMP_ACT_NOTIFY cannot be the default action nor be used for the write system call", _bundle.Run().Stderr, StringComparison.Ordinal);
    }

    private void Notify(params string[] calls) => _bundle.Edit(config => config["linux"]!["seccomp"] = new JsonObject
    {
        ["defaultAction"] = "SCMP_ACT_ALLOW",
        ["listenerPath"] = SocketPath,
        ["listenerMetadata"] = "for the agent",
        ["syscalls"] = new JsonArray(new JsonObject { ["names"] = new JsonArray([.. calls.Select(name => (JsonNode)name)]), ["action"] = "SCMP_ACT_NOTIFY" }),
    });
}
