using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tare.IntegrationTests.Daemon;

/// <summary>Published ports survive the daemon: they work while it is away, and a new one finds them again, whatever became of the firewall meanwhile.</summary>
public sealed class PortRecoveryTests(DaemonFixture daemon) : IClassFixture<DaemonFixture>
{
    private const int Port = 19100;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PortsWorkThroughARestart(bool kill)
    {
        string name = "web" + kill;
        daemon.Tare(["run", "-d", "--name", name, "-p", $"{Port}:80", "busybox", "sh", "-c", "while true; do echo hello | nc -l -p 80; done"]).Ok();
        AssertHello();
        End(kill);
        AssertHello();
        Command.Run("/usr/sbin/nft", ["delete", "table", "inet", "tare-" + daemon.Bridge]).Ok();
        Command.Run("/bin/ip", ["link", "add", "vethstale", "type", "veth", "peer", "name", "vethstale2"]).Ok();
        Command.Run("/bin/ip", ["link", "set", "vethstale", "master", daemon.Bridge]).Ok();
        daemon.StartDaemon();

        AssertHello();
        Assert.DoesNotContain("vethstale", MachineState.Interfaces());
        Assert.Equal($"80/tcp -> 0.0.0.0:{Port}\n80/tcp -> [::]:{Port}", daemon.Tare($"port {name}").Ok().Text);
        string address = daemon.Tare(["inspect", "-f", "{{.NetworkSettings.IPAddress}}", name]).Ok().Text;
        Assert.DoesNotContain(address + "/", daemon.Tare("run --rm busybox ip -4 addr show eth0").Ok().Stdout, StringComparison.Ordinal);
        Assert.Contains("port is already allocated", daemon.Tare($"run --rm -p {Port}:80 busybox true").Exits(125).Stderr, StringComparison.Ordinal);
        daemon.Tare($"rm -f {name}").Ok();
        daemon.Tare($"run --rm -p {Port}:80 busybox true").Ok();
    }

    [Fact]
    public void PortsOfContainersThatEndedMeanwhileAreFree()
    {
        daemon.Tare($"run -d --name brief -p {Port}:80 busybox sleep 0.7").Ok();
        daemon.KillDaemon();
        Thread.Sleep(1500);
        daemon.StartDaemon();
        Assert.Equal("{}", daemon.Tare(["inspect", "-f", "{{json .NetworkSettings.Ports}}", "brief"]).Ok().Text);
        Assert.DoesNotContain($"{Port}", Command.Run("/usr/sbin/nft", ["list", "table", "inet", "tare-" + daemon.Bridge]).Ok().Stdout, StringComparison.Ordinal);
        daemon.Tare($"run --rm -p {Port}:80 busybox true").Ok();
        daemon.Tare("rm brief").Ok();
    }

    [Fact]
    public void ThousandsOfPortsAreHeldAndFoundAgain()
    {
        // More descriptors than select(2) knows: libnftables aborted the daemon.
        daemon.Tare("run -d --name many -p 20000-21499:20000-21499 busybox sleep 1000").Ok();
        daemon.Tare($"run --rm -p {Port}:80 busybox true").Ok();
        daemon.KillDaemon();
        daemon.StartDaemon();
        Assert.Equal(
            "0.0.0.0:20000-21499->20000-21499/tcp, [::]:20000-21499->20000-21499/tcp", daemon.Tare(["ps", "--filter", "name=many", "--format", "{{.Ports}}"]).Ok().Text);
        daemon.Tare($"run --rm -p {Port}:80 busybox true").Ok();
        daemon.Tare("rm -f many").Ok();
    }

    [Fact]
    public void KilledDuringStartsItLeavesNoPort()
    {
        Random random = new(20261124);
        for (int round = 0; round < 10; round++)
        {
            using System.Diagnostics.Process run = Command.Start(
                Programs.Tare, ["-H", $"unix://{daemon.Socket}", "run", "-d", "--name", $"k{round}", "-p", $"{Port}:80", "busybox", "sleep", "1000"]);
            Thread.Sleep(random.Next(10, 60));
            daemon.KillDaemon();
            run.WaitForExit(TimeSpan.FromSeconds(20));
            daemon.StartDaemon();
            string state = daemon.Tare(["inspect", "-f", "{{.State.Status}} {{json .NetworkSettings.Ports}}", $"k{round}"]).Text;
            if (state.StartsWith("running", StringComparison.Ordinal))
            {
                Assert.Contains($"{Port}", state, StringComparison.Ordinal);
            }

            daemon.Tare($"rm -f k{round}");
            daemon.Tare($"run --rm -p {Port}:80 busybox true").Ok();
        }

        // The kernel takes the last container's network down on its own time.
        Eventually.True(() => !MachineState.Interfaces().Any(name => name.StartsWith("veth", StringComparison.Ordinal)), "an interface is left");
    }

    private static void AssertHello() => Eventually.True(() => Ask() == "hello", "no answer");

    private static string? Ask()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 2000 };
        try
        {
            socket.Connect(IPAddress.Loopback, Port);
            byte[] buffer = new byte[100];
            return Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer)).Trim();
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private void End(bool kill)
    {
        if (kill)
        {
            daemon.KillDaemon();
        }
        else
        {
            daemon.StopDaemon();
        }
    }
}
