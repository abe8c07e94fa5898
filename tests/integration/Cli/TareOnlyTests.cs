namespace Tare.IntegrationTests.Cli;

/// <summary>What only tare has: explain, and a daemon that starts by itself.</summary>
public sealed class TareOnlyTests(DaemonFixture daemon) : IClassFixture<DaemonFixture>
{
    [Fact]
    public void ExplainShowsWhatAContainerIsMadeOf()
    {
        daemon.Tare("run -d --name made --memory 64m --pids-limit 99 busybox sleep 100").Ok();
        string text = daemon.Tare("explain made").Ok().Stdout;
        foreach (string word in new[] { "made", "pid", "mnt", "net", "uts", "ipc", "memory", "64", "99", "overlay", "/proc", "eth0", "writable" })
        {
            Assert.Contains(word, text, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Contains("No such container: ghost", daemon.Tare("explain ghost").Exits(1).Stderr, StringComparison.Ordinal);
        daemon.Tare("rm -f made").Ok();
    }

    [Fact]
    public void CompletionScriptsAreValidShell()
    {
        string script = daemon.Tare("completion bash").Ok().Stdout;
        Command.Run("/bin/bash", ["-n"], System.Text.Encoding.UTF8.GetBytes(script)).Ok();
        Assert.NotEqual("", daemon.Tare("completion zsh").Ok().Stdout);
        Assert.NotEqual("", daemon.Tare("completion fish").Ok().Stdout);
    }

    [Fact]
    public void SystemPruneRemovesStoppedContainers()
    {
        string id = daemon.Tare(["create", "busybox"]).Ok().Text;
        string pruned = daemon.Tare(["system", "prune", "-f"]).Ok().Stdout;
        Assert.StartsWith($"Deleted Containers:\n{id}\n", pruned, StringComparison.Ordinal);
        Assert.EndsWith("Total reclaimed space: 0B\n", pruned, StringComparison.Ordinal);
    }
}
