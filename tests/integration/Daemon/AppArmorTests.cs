namespace Tare.IntegrationTests.Daemon;

/// <summary>On a machine with AppArmor every container is confined by the default profile, unless its user says otherwise.</summary>
public sealed class AppArmorTests : IClassFixture<DaemonFixture>
{
    private const string Confined = "docker-default (enforce)";
    private readonly DaemonFixture _daemon;

    public AppArmorTests(DaemonFixture daemon)
    {
        if (!Directory.Exists("/sys/kernel/security/apparmor"))
        {
            Assert.Skip("the kernel has no AppArmor");
        }

        _daemon = daemon;
    }

    [Fact]
    public void ContainersAndTheirExecSessionsAreConfined()
    {
        Assert.Contains("name=apparmor", _daemon.Docker(["info", "--format", "{{json .SecurityOptions}}"]).Ok().Text, StringComparison.Ordinal);
        _daemon.Docker(["run", "-d", "--name", "confined", "--init", "busybox", "sh", "-c", "cat /proc/self/attr/current; sleep 1000"]).Ok();
        Eventually.True(() => _daemon.Docker("logs confined").Ok().Text.Length > 0, "the container says nothing");
        Assert.Equal(Confined, _daemon.Docker("logs confined").Ok().Text);
        Assert.Equal("docker-default", _daemon.Docker("inspect -f {{.AppArmorProfile}} confined").Ok().Text);
        Assert.Equal(Confined, _daemon.Docker("exec confined cat /proc/self/attr/current").Ok().Text);
        Assert.Equal(Confined, _daemon.Docker("exec --privileged confined cat /proc/self/attr/current").Ok().Text);
        _daemon.Docker("stop -t 5 confined").Ok();
        Assert.Equal("143", _daemon.Docker("inspect -f {{.State.ExitCode}} confined").Ok().Text);
        _daemon.Docker("rm confined").Ok();
    }

    [Theory]
    [InlineData("mount -t tmpfs none /mnt")]
    [InlineData("echo 1 > /proc/sys/vm/drop_caches")]
    [InlineData("echo 1 > /proc/sys/net/ipv4/ip_forward")]
    [InlineData("echo h > /proc/sysrq-trigger")]
    [InlineData("head -c 1 /proc/kcore")]
    [InlineData("mount -o remount,rw /sys")]
    public void CapabilitiesDoNotReachWhatIsTheMachines(string attempt)
    {
        string script = $"mkdir -p /mnt; ({attempt}) 2>&1 >/dev/null; echo $?";
        string[] options = ["run", "--rm", "--cap-add", "ALL", "--security-opt", "systempaths=unconfined", "--security-opt", "seccomp=unconfined"];
        string refused = _daemon.Docker([.. options, "busybox", "sh", "-c", script]).Ok().Text;
        Assert.Contains("Permission denied", refused, StringComparison.Ordinal);
        Assert.False(refused.EndsWith("\n0", StringComparison.Ordinal), refused);
    }

    [Fact]
    public void WhatProcessesNeedIsAllowed()
    {
        string script = "echo x > /f && mv /f /g && cat /g; sleep 100 & kill $! && wait $!; echo $?; echo 10 > /proc/self/oom_score_adj && cat /proc/self/oom_score_adj; wget -qO- http://127.0.0.1:1/ 2>&1 | grep -o refused";
        Assert.Equal("x\n143\n10\nrefused", _daemon.Docker(["run", "--rm", "busybox", "sh", "-c", script]).Ok().Text);
        Assert.Equal("1024\t60000", _daemon.Docker(["run", "--rm", "--sysctl", "net.ipv4.ip_local_port_range=1024 60000", "busybox", "cat", "/proc/sys/net/ipv4/ip_local_port_range"]).Ok().Text);
    }

    [Theory]
    [InlineData("--privileged")]
    [InlineData("--security-opt=apparmor=unconfined")]
    public void WhoAsksForItIsNotConfined(string option)
    {
        Assert.Equal("unconfined", _daemon.Docker(["run", "--name", "free", option, "busybox", "cat", "/proc/self/attr/current"]).Ok().Text);
        Assert.Equal("unconfined", _daemon.Docker("inspect -f {{.AppArmorProfile}} free").Ok().Text);
        _daemon.Docker("rm free").Ok();
    }

    [Fact]
    public void AProfileThatIsNotLoadedIsAnError()
    {
        CommandResult result = _daemon.Docker(["run", "--rm", "--security-opt", "apparmor=no-such-profile", "busybox", "true"]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("no-such-profile", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void AProfileThatSomebodyDroppedIsLoadedAgain()
    {
        _daemon.Docker("run --rm busybox true").Ok();
        File.WriteAllText("/sys/kernel/security/apparmor/.remove", "docker-default");
        Assert.Equal(Confined, _daemon.Docker("run --rm busybox cat /proc/self/attr/current").Ok().Text);
    }
}
