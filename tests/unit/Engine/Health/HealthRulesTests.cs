using Tare.Engine.Containers;
using Tare.Engine.Health;
using Tare.Engine.Validation;

namespace Tare.UnitTests.Engine.Health;

public sealed class HealthRulesTests
{
    private const long Second = 1_000_000_000;
    private static readonly HealthConfig s_config = new() { Test = ["CMD", "true"], Retries = 2, StartPeriod = 10 * Second, StartInterval = Second, Interval = 5 * Second };

    [Fact]
    public void AFirstSuccessIsHealthyEvenInTheStartPeriod()
        => Assert.Equal(HealthStatus.Healthy, HealthRules.After(new ContainerHealth(), s_config, Result(0), TimeSpan.Zero).Status);

    [Fact]
    public void FailuresOfTheStartPeriodDoNotCount()
    {
        ContainerHealth health = HealthRules.After(new ContainerHealth(), s_config, Result(1), TimeSpan.FromSeconds(9));
        Assert.Equal((HealthStatus.Starting, 0, 1), (health.Status, health.FailingStreak, health.Log.Count));
    }

    [Fact]
    public void AsManyFailuresAsRetriesAreUnhealthyAndASuccessForgetsThem()
    {
        TimeSpan late = TimeSpan.FromSeconds(11);
        ContainerHealth health = HealthRules.After(new ContainerHealth(), s_config, Result(1), late);
        Assert.Equal((HealthStatus.Starting, 1), (health.Status, health.FailingStreak));
        health = HealthRules.After(health, s_config, Result(-1), late);
        Assert.Equal((HealthStatus.Unhealthy, 2), (health.Status, health.FailingStreak));
        health = HealthRules.After(health, s_config, Result(0), late);
        Assert.Equal((HealthStatus.Healthy, 0), (health.Status, health.FailingStreak));
    }

    [Fact]
    public void OnceHealthyFailuresCountInTheStartPeriodToo()
    {
        ContainerHealth health = HealthRules.After(new ContainerHealth { Status = HealthStatus.Healthy }, s_config, Result(1), TimeSpan.FromSeconds(1));
        Assert.Equal(1, health.FailingStreak);
    }

    [Fact]
    public void FiveResultsAreKept()
    {
        ContainerHealth health = new();
        for (int code = 1; code <= 7; code++)
        {
            health = HealthRules.After(health, s_config, Result(code), TimeSpan.Zero);
        }

        Assert.Equal([3, 4, 5, 6, 7], health.Log.Select(r => r.ExitCode));
    }

    [Fact]
    public void TheStartIntervalHoldsWhileStartingInTheStartPeriod()
    {
        Assert.Equal(TimeSpan.FromSeconds(1), HealthRules.NextWait(s_config, HealthStatus.Starting, TimeSpan.FromSeconds(9)));
        Assert.Equal(TimeSpan.FromSeconds(5), HealthRules.NextWait(s_config, HealthStatus.Starting, TimeSpan.FromSeconds(10)));
        Assert.Equal(TimeSpan.FromSeconds(5), HealthRules.NextWait(s_config, HealthStatus.Healthy, TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.FromSeconds(30), HealthRules.NextWait(new HealthConfig(), HealthStatus.Starting, TimeSpan.Zero));
    }

    [Fact]
    public void NoneAndAnEmptyTestCheckNothing()
    {
        Assert.False(HealthRules.IsChecked(null));
        Assert.False(HealthRules.IsChecked(new HealthConfig { Test = ["NONE"] }));
        Assert.False(HealthRules.IsChecked(new HealthConfig { Test = [] }));
        Assert.True(HealthRules.IsChecked(s_config));
    }

    [Fact]
    public void TheShellFormTakesTheImagesShell()
    {
        HealthConfig health = new() { Test = ["CMD-SHELL", "a b"] };
        Assert.Equal(["/bin/sh", "-c", "a b"], HealthRules.CommandOf(new ContainerConfig { Healthcheck = health }));
        Assert.Equal(["/bin/ash", "-ec", "a b"], HealthRules.CommandOf(new ContainerConfig { Healthcheck = health, Shell = ["/bin/ash", "-ec"] }));
    }

    [Fact]
    public void OutputIsTakenOutOfTornFramesAndCut()
    {
        ProbeOutput output = new(5);
        byte[] frames = [1, 0, 0, 0, 0, 0, 0, 3, .. "abc"u8, 2, 0, 0, 0, 0, 0, 0, 3, .. "def"u8];
        foreach (byte one in frames)
        {
            output.Add([one]);
        }

        Assert.Equal("abcde...", output.ToString());
    }

    [Theory]
    [InlineData(1, "1s")]
    [InlineData(1.5, "1.5s")]
    [InlineData(90, "1m30s")]
    [InlineData(3600, "1h0m0s")]
    [InlineData(0.25, "250ms")]
    public void DurationsAreGos(double seconds, string text) => Assert.Equal(text, GoDuration.Format(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void TheAgeOfAProcessComesFromTheKernelsClock()
        => Assert.Equal(TimeSpan.FromSeconds(40), ProcessAge.Parse("7 (a) b) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 6000 1 1 1", "100.00 5.0\n"));

    private static HealthResult Result(int exitCode) => new(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, exitCode, "");
}
