using System.Diagnostics;
using System.Globalization;

namespace Tare.IntegrationTests.Daemon;

/// <summary>What becomes of containers when the daemon ends in order and <c>live-restore</c> is switched off: they stop, and those whose policy says so run again with the next daemon.</summary>
public sealed class LiveRestoreTests(LiveRestoreTests.DyingDaemon daemon) : IClassFixture<LiveRestoreTests.DyingDaemon>
{
    private const string StopsAtOnce = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done";

    /// <summary>A daemon whose containers do not outlive it.</summary>
    public sealed class DyingDaemon : DaemonFixture
    {
        public string File => Root + "/daemon.json";

        protected override IReadOnlyList<string> ExtraArguments => [$"--config-file {File}"];

        protected override void BeforeStart() => System.IO.File.WriteAllText(File, """{ "live-restore": false }""");
    }

    [Fact]
    public void ContainersStopAndPoliciesStartThemAgain()
    {
        Assert.Equal("false", Info());
        try
        {
            string[] policies = ["no", "always", "unless-stopped", "on-failure"];
            foreach (string policy in policies)
            {
                daemon.Docker(["run", "-d", "--name", "p-" + policy, "--restart", policy, "--net", "none", "busybox", "sh", "-c", StopsAtOnce]).Ok();
            }

            daemon.Docker(["run", "-d", "--name", "p-stopped", "--restart", "unless-stopped", "--net", "none", "busybox", "sh", "-c", StopsAtOnce]).Ok();
            daemon.Docker(["run", "-d", "--rm", "--name", "p-removed", "--net", "none", "busybox", "sh", "-c", StopsAtOnce]).Ok();
            daemon.Docker(["run", "-d", "--name", "p-stubborn", "--stop-timeout", "1", "--net", "none", "busybox", "sleep", "1000"]).Ok();
            Eventually.True(() => policies.All(p => daemon.Docker(["logs", "p-" + p]).Stdout.Contains("ready", StringComparison.Ordinal)), "the containers are not ready");
            daemon.Docker("stop p-stopped").Ok();
            using Process waiting = Process.Start(new ProcessStartInfo(Programs.Docker, ["-H", $"unix://{daemon.Socket}", "wait", "p-stubborn"]) { RedirectStandardOutput = true })!;
            Thread.Sleep(300);

            daemon.StopDaemon();
            Assert.Empty(daemon.Shims());
            // Who waited learned of the end, since the API answered until then.
            Assert.Equal("137", waiting.StandardOutput.ReadToEnd().Trim());
            waiting.WaitForExit();

            daemon.StartDaemon();
            Eventually.True(() => State("p-on-failure") == "running 0" && State("p-always") == "running 0" && State("p-unless-stopped") == "running 0", "the policies start nothing");
            Assert.Equal("exited 7", State("p-no"));
            Assert.Equal("exited 7", State("p-stopped"));
            Assert.Equal("exited 137", State("p-stubborn"));
            Assert.NotEqual(0, daemon.Docker("inspect p-removed").ExitCode);
        }
        finally
        {
            Clear();
        }
    }

    [Fact]
    public void AKilledDaemonLeavesThemRunning()
    {
        try
        {
            daemon.Docker(["run", "-d", "--name", "survivor", "--net", "none", "busybox", "sleep", "1000"]).Ok();
            int shim = daemon.ShimOf("survivor");
            daemon.KillDaemon();
            daemon.StartDaemon();
            Assert.Equal(shim, daemon.ShimOf("survivor"));
            Assert.Equal("running 0", State("survivor"));
        }
        finally
        {
            Clear();
        }
    }

    [Fact]
    public void ReloadDecidesAndTimeIsBounded()
    {
        try
        {
            daemon.Docker(["run", "-d", "--name", "kept", "--stop-timeout", "0", "--net", "none", "busybox", "sleep", "1000"]).Ok();
            Reload("""{ "live-restore": true }""");
            Eventually.True(() => Info() == "true", "the reload does not hold");
            daemon.StopDaemon();
            Assert.Single(daemon.Shims());
            daemon.StartDaemon();
            Assert.Equal("running 0", State("kept"));
            File.WriteAllText(daemon.File, """{ "live-restore": false, "shutdown-timeout": 1 }""");
            Command.Run("/bin/kill", ["-HUP", daemon.DaemonPid.ToString(CultureInfo.InvariantCulture)]).Ok();
            Eventually.True(() => Info() == "false", "the reload does not hold");
            daemon.StopDaemon();
            Assert.Empty(daemon.Shims());
            daemon.StartDaemon();
            Assert.Equal("exited 137", State("kept"));
        }
        finally
        {
            Clear();
            Reload("""{ "live-restore": false }""");
            Eventually.True(() => Info() == "false", "the set-up does not come back");
        }
    }

    private void Reload(string json)
    {
        File.WriteAllText(daemon.File, json);
        Command.Run("/bin/kill", ["-HUP", daemon.DaemonPid.ToString(CultureInfo.InvariantCulture)]).Ok();
    }

    private string Info() => daemon.Docker(["info", "--format", "{{.LiveRestoreEnabled}}"]).Ok().Text;

    private string State(string name) => daemon.Docker(["inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", name]).Text;

    private void Clear()
    {
        if (daemon.HasEnded)
        {
            daemon.StartDaemon();
        }

        if (daemon.Docker("ps -aq").Text is { Length: > 0 } all)
        {
            daemon.Docker(["rm", "-f", .. all.Split('\n')]).Ok();
        }
    }
}
