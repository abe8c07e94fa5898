using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tare.IntegrationTests.Daemon;

/// <summary>Limits of a container's bandwidth: set by flags and labels, changed while it runs, measured between the container and the host.</summary>
public sealed class BandwidthTests(DaemonFixture daemon) : IClassFixture<DaemonFixture>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private IPAddress Gateway => IPAddress.Parse(daemon.Subnet.Split('/')[0]);

    [Fact]
    public async Task BothDirectionsHoldAndChangeWhileTheContainerRuns()
    {
        daemon.Tare("run -d --name shaped --network-ingress 20mbit --network-egress 10mbit busybox sleep 1000").Ok();
        AssertNear(20e6, await ReceiveAsync("shaped", 5_000_000));
        AssertNear(10e6, await SendAsync("shaped", 2_500_000));
        Assert.Equal("20mbit 10mbit", daemon.Docker(["inspect", "-f", "{{.HostConfig.NetworkIngress}} {{.HostConfig.NetworkEgress}}", "shaped"]).Text);
        string explained = daemon.Tare("explain shaped").Ok().Stdout;
        Assert.Contains("receives at most: 20 Mbit/s", explained, StringComparison.Ordinal);
        Assert.Contains("sends at most: 10 Mbit/s", explained, StringComparison.Ordinal);

        daemon.Tare("update --network-ingress 40mbit --network-egress 0 shaped").Ok();
        AssertNear(40e6, await ReceiveAsync("shaped", 10_000_000));
        Assert.True(await SendAsync("shaped", 20_000_000) > 100e6, "sending is still limited");
        daemon.Tare("update --network-ingress unlimited --network-egress 8mbit shaped").Ok();
        Assert.True(await ReceiveAsync("shaped", 20_000_000) > 100e6, "receiving is still limited");
        AssertNear(8e6, await SendAsync("shaped", 2_000_000));

        // They hold again after a restart, and the daemon's death changes nothing.
        daemon.Tare("restart -t 0 shaped").Ok();
        daemon.KillDaemon();
        daemon.StartDaemon();
        AssertNear(8e6, await SendAsync("shaped", 2_000_000));
        Assert.Contains(MachineState.Interfaces(), name => name.StartsWith("ifb", StringComparison.Ordinal) && name.Length == 10);
        daemon.Tare("rm -f shaped").Ok();
        Eventually.True(() => !MachineState.Interfaces().Any(name => name.StartsWith("ifb", StringComparison.Ordinal) && name.Length == 10), "an ifb interface is left");
    }

    [Fact]
    public async Task LabelsServeClientsWithoutTheFlags()
    {
        daemon.Docker("run -d --name labelled --label tare.network.ingress=16mbit busybox sleep 1000").Ok();
        AssertNear(16e6, await ReceiveAsync("labelled", 4_000_000));
        daemon.Docker("rm -f labelled").Ok();
    }

    [Fact]
    public void WrongOnesAreRefused()
    {
        Assert.Contains("invalid bandwidth \"fast\"", daemon.Tare("run --rm --network-ingress fast busybox true").Stderr, StringComparison.Ordinal);
        Assert.Contains("conflicting options: bandwidth limits and the network mode host", daemon.Tare("run --rm --network host --network-egress 1mbit busybox true").Stderr, StringComparison.Ordinal);
        daemon.Tare("create --name unshaped --network none busybox true").Ok();
        Assert.Contains("conflicting options", daemon.Tare("update --network-ingress 1mbit unshaped").Stderr, StringComparison.Ordinal);
        daemon.Tare("rm unshaped").Ok();
    }

    // The bucket may be full at the beginning, and the machine may be slow.
    private static void AssertNear(double expected, double actual) => Assert.InRange(actual, expected * 0.5, expected * 1.25);

    private async Task<double> ReceiveAsync(string container, int bytes)
    {
        using TcpListener listener = new(Gateway, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Task<CommandResult> client = Task.Run(() => daemon.Tare(["exec", container, "sh", "-c", $"nc {Gateway} {port} </dev/null | wc -c"], timeout: s_patience));
        Stopwatch watch = new();
        using (TcpClient peer = await listener.AcceptTcpClientAsync())
        {
            watch.Start();
            await peer.GetStream().WriteAsync(new byte[bytes]);
        }

        // What is written waits in the socket: the end is when the container has it all.
        Assert.Equal(bytes.ToString(System.Globalization.CultureInfo.InvariantCulture), (await client).Ok().Text);
        return bytes * 8 / watch.Elapsed.TotalSeconds;
    }

    private async Task<double> SendAsync(string container, int bytes)
    {
        using TcpListener listener = new(Gateway, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Task<CommandResult> client = Task.Run(() => daemon.Tare(["exec", container, "sh", "-c", $"head -c {bytes} /dev/zero | nc {Gateway} {port}"], timeout: s_patience));
        using TcpClient peer = await listener.AcceptTcpClientAsync();
        Stopwatch watch = Stopwatch.StartNew();
        byte[] buffer = new byte[1 << 16];
        long received = 0;
        while (await peer.GetStream().ReadAsync(buffer) is var count and > 0 && (received += count) < bytes)
        {
        }

        TimeSpan elapsed = watch.Elapsed;
        peer.Close();
        (await client).Ok();
        Assert.Equal(bytes, received);
        return bytes * 8 / elapsed.TotalSeconds;
    }
}
