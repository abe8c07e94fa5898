using System.Diagnostics;

namespace Tare.IntegrationTests.Daemon;

/// <summary>A client of <c>logs -f</c> that does not read while the log rotates many times over gets every line in the end.</summary>
public sealed class SlowFollowerTests(DaemonFixture daemon) : IClassFixture<DaemonFixture>
{
    [Theory]
    [InlineData("json-file", "true")]
    [InlineData("json-file", "false")]
    [InlineData("local", "true")]
    public async Task NothingIsLost(string driver, string compress)
    {
        const int Lines = 120_000;
        string name = $"slow-{driver}-{compress}";
        daemon.Tare(["run", "-d", "--name", name, "--log-driver", driver, "--log-opt", "max-size=1m", "--log-opt", "max-file=3", "--log-opt", $"compress={compress}", "busybox", "sh", "-c",
            $"echo begin; while [ ! -f /go ]; do sleep 0.05; done; i=0; while [ $i -lt {Lines} ]; do echo line $i of a log that rotates under a reader; i=$((i+1)); done"]).Ok();
        using Process follower = Process.Start(new ProcessStartInfo(Programs.Docker, ["-H", $"unix://{daemon.Socket}", "logs", "-f", name]) { RedirectStandardOutput = true })!;
        Assert.Equal("begin", await follower.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        daemon.Tare($"exec {name} touch /go").Ok();
        // Nothing is read before the container has ended: the pipe and the sockets fill, and the rest waits in the files.
        daemon.Tare(["wait", name], timeout: TimeSpan.FromMinutes(2)).Ok();
        for (int i = 0; i < Lines; i++)
        {
            Assert.Equal($"line {i} of a log that rotates under a reader", await follower.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        }

        Assert.Null(await follower.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.True(follower.WaitForExit(TimeSpan.FromSeconds(20)), "the follower does not end");
        daemon.Tare($"rm {name}").Ok();
    }
}
