namespace Tare.Testing.Suites;

/// <summary>Health checks.</summary>
public abstract class HealthSuite(DaemonFixture daemon, string client) : ClientSuite(daemon, client)
{
    [Fact]
    public void ACheckThatSucceedsIsHealthyAndOneThatFailsUnhealthy()
    {
        string name = Checked("test -e /sick && echo sick && exit 3 || echo fine", "--health-interval 100ms --health-retries 2");
        Becomes(name, "healthy");
        Assert.Contains("(healthy)", Client(["ps", "--format", "{{.Status}}", "-f", $"name={name}"]).Ok().Text, StringComparison.Ordinal);
        Assert.Equal("0 fine", Client(["inspect", "-f", "{{range .State.Health.Log}}{{.ExitCode}} {{.Output}}{{end}}", name]).Ok().Text.Split('\n')[0]);
        Client(["exec", name, "touch", "/sick"]).Ok();
        Becomes(name, "unhealthy");
        Assert.Equal(name, Client(["ps", "--format", "{{.Names}}", "-f", "health=unhealthy", "-f", $"name={name}"]).Ok().Text);
        Client(["exec", name, "rm", "/sick"]).Ok();
        Becomes(name, "healthy");
        string Events() => Client(["events", "--since", "60s", "--until", "0s", "-f", $"container={name}", "-f", "event=health_status", "--format", "{{.Action}}"]).Ok().Text;
        Eventually.True(() => Events() == "health_status: healthy\nhealth_status: unhealthy\nhealth_status: healthy", Events);
        Client(["stop", "-t", "0", name]).Ok();
        Assert.Equal("unhealthy", Client(["inspect", "-f", "{{.State.Health.Status}}", name]).Ok().Text);
        Client(["rm", name]).Ok();
    }

    [Fact]
    public void ACheckThatTakesTooLongIsKilledAndFails()
    {
        string name = Checked("echo begun; exec sleep 77", "--health-interval 100ms --health-timeout 300ms --health-retries 1");
        Becomes(name, "unhealthy");
        string result = Client(["inspect", "-f", "{{range .State.Health.Log}}{{.ExitCode}} {{.Output}}{{end}}", name]).Ok().Text;
        Assert.StartsWith("-1 Health check exceeded timeout (300ms): begun", result, StringComparison.Ordinal);
        Client(["update", "--restart", "no", name]).Ok();
        Client(["pause", name]).Ok();
        Assert.DoesNotContain("health", Client(["ps", "--format", "{{.Status}}", "-f", $"name={name}"]).Ok().Text, StringComparison.Ordinal);
        Client(["unpause", name]).Ok();
        Client(["rm", "-f", name]).Ok();
    }

    [Fact]
    public void FailuresOfTheStartPeriodDoNotCountAndItsIntervalHolds()
    {
        string name = Checked("test -e /ready", "--health-interval 1h --health-start-period 1h --health-start-interval 100ms --health-retries 1");
        Eventually.True(() => Client(["inspect", "-f", "{{len .State.Health.Log}}", name]).Ok().Text is not ("0" or "1"), "no checks in the start period");
        Assert.Contains("(health: starting)", Client(["ps", "--format", "{{.Status}}", "-f", $"name={name}"]).Ok().Text, StringComparison.Ordinal);
        Assert.Equal("starting 0", Client(["inspect", "-f", "{{.State.Health.Status}} {{.State.Health.FailingStreak}}", name]).Ok().Text);
        Client(["exec", name, "touch", "/ready"]).Ok();
        Becomes(name, "healthy");
        Client(["rm", "-f", name]).Ok();
    }

    [Fact]
    public void TheChecksGoOnAfterARestartOfTheDaemon()
    {
        string name = Checked("test ! -e /sick", "--health-interval 100ms --health-retries 1");
        Becomes(name, "healthy");
        Daemon.KillDaemon();
        Daemon.StartDaemon();
        Assert.Equal("healthy", Client(["inspect", "-f", "{{.State.Health.Status}}", name]).Ok().Text);
        Client(["exec", name, "touch", "/sick"]).Ok();
        Becomes(name, "unhealthy");
        Client(["rm", "-f", name]).Ok();
    }

    [Fact]
    public void AnImagesCheckIsTakenOverAndCanBeSwitchedOff()
    {
        string image = NewName("image") + ":latest";
        Client(["import", "-c", "HEALTHCHECK --interval=100ms CMD [\"true\"]", "-c", "ENV PATH=/bin", "-", image], BusyboxRoot.Tar).Ok();
        string name = Client(["run", "-d", image, "sleep", "1000"]).Ok().Text;
        Becomes(name, "healthy");
        Client(["rm", "-f", name]).Ok();
        name = Client(["run", "-d", "--no-healthcheck", image, "sleep", "1000"]).Ok().Text;
        Assert.Equal("false [NONE]", Client(["inspect", "-f", "{{if .State.Health}}true{{else}}false{{end}} {{.Config.Healthcheck.Test}}", name]).Ok().Text);
        Assert.Equal(name, Client(["ps", "-q", "--no-trunc", "-f", "health=none", "-f", $"id={name}"]).Ok().Text);
        Client(["rm", "-f", name]).Ok();
        Client(["rmi", image]).Ok();
    }

    [Fact]
    public void WrongChecksAreRefusedInDockersWords()
    {
        Assert.Contains("--no-healthcheck conflicts with --health-* options", Client(["run", "--no-healthcheck", "--health-cmd", "x", "busybox"]).Exits(125).Stderr, StringComparison.Ordinal);
        Assert.Contains("Interval in Healthcheck cannot be less than 1ms", Client(["create", "--health-cmd", "x", "--health-interval", "10us", "busybox"]).Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("invalid value for health (bad): must be one of none, starting, healthy, unhealthy", Client(["ps", "-f", "health=bad"]).Exits(1).Stderr, StringComparison.Ordinal);
    }

    private string Checked(string command, string options)
    {
        string name = NewName("health");
        Client(["run", "-d", "--name", name, "--health-cmd", command, .. options.Split(' '), "busybox", "sleep", "1000"]).Ok();
        return name;
    }

    private void Becomes(string name, string health)
        => Eventually.True(() => Client(["inspect", "-f", "{{.State.Health.Status}}", name]).Ok().Text == health, () => $"not {health}: " + Client(["inspect", name]).Stdout);
}
