using System.Globalization;

namespace Tare.IntegrationTests.Daemon;

/// <summary>Somebody sets the machine's clock while tared runs. The daemon sees it by libfaketime, which jumps as a file says; the machine's own clock stays.</summary>
public sealed class ClockJumpTests : IDisposable
{
    private readonly FakeClockDaemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Theory]
    [InlineData("+2d")]
    [InlineData("-2d")]
    public void HealthChecksRestartsAndStopsGoOn(string jump)
    {
        _daemon.Tare(["run", "-d", "--name", "well", "--health-cmd", "true", "--health-interval", "300ms", "busybox", "sleep", "1000"]).Ok();
        _daemon.Tare(["run", "-d", "--name", "failing", "--restart", "unless-stopped", "busybox", "sh", "-c", "echo up; sleep 0.3; exit 1"]).Ok();
        Eventually.True(() => Inspect("well", "{{.State.Health.Status}}") == "healthy" && Restarts() >= 2, "no health check or restart before the jump");
        _daemon.Jump(jump);
        string last = Inspect("well", "{{range .State.Health.Log}}{{.Start}}\n{{end}}");
        int restarts = Restarts();
        Eventually.True(() => Inspect("well", "{{range .State.Health.Log}}{{.Start}}\n{{end}}") != last, "health checks stand still");
        Eventually.True(() => Restarts() > restarts, "restarts stand still", TimeSpan.FromSeconds(20));
        // Doubled each time: a jump forward that counted as a long run would begin anew.
        DateTime begin = DateTime.UtcNow;
        restarts = Restarts();
        Eventually.True(() => Restarts() >= restarts + 2, "restarts stand still", TimeSpan.FromSeconds(60));
        Assert.True(DateTime.UtcNow - begin > TimeSpan.FromSeconds(1), "the delay before restarts begins anew");
        Assert.Equal("healthy", Inspect("well", "{{.State.Health.Status}}"));
        _daemon.Tare("stop -t 1 well failing").Ok();
        Assert.Equal("exited", Inspect("failing", "{{.State.Status}}"));
        _daemon.KillDaemon();
        _daemon.StartDaemon();
        Assert.Equal("exited", Inspect("well", "{{.State.Status}}"));
        Assert.StartsWith("up", _daemon.Tare("logs failing").Ok().Text, StringComparison.Ordinal);
        _daemon.Tare("rm well failing").Ok();
    }

    private int Restarts() => int.Parse(Inspect("failing", "{{.RestartCount}}"), CultureInfo.InvariantCulture);

    private string Inspect(string container, string format) => _daemon.Tare(["inspect", "-f", format, container]).Ok().Text;

    private sealed class FakeClockDaemon : DaemonFixture
    {
        private string Clock => Root + "/clock";

        protected override IReadOnlyList<string> ExtraEnvironment =>
        [
            "LD_PRELOAD=" + Directory.GetDirectories("/usr/lib").Select(folder => folder + "/faketime/libfaketimeMT.so.1").First(File.Exists), $"FAKETIME_TIMESTAMP_FILE={Clock}",
            "FAKETIME_NO_CACHE=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_DONT_RESET=1",
        ];

        protected override void BeforeStart() => Jump("+0");

        /// <summary>Sets the clock, counted from the true time.</summary>
        public void Jump(string offset)
        {
            File.WriteAllText(Clock + ".new", offset + "\n");
            File.Move(Clock + ".new", Clock, overwrite: true);
        }
    }
}
