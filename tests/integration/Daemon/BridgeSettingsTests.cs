using System.Globalization;

namespace Tare.IntegrationTests.Daemon;

/// <summary>What the configuration file says about the default bridge holds.</summary>
public sealed class BridgeSettingsTests(BridgeSettingsTests.SetDaemon daemon) : IClassFixture<BridgeSettingsTests.SetDaemon>
{
    /// <summary>A daemon whose default bridge differs from the usual in all that can be said about it.</summary>
    public sealed class SetDaemon : DaemonFixture
    {
        public string Prefix => Subnet[..(Subnet.LastIndexOf('.') + 1)];

        protected override IReadOnlyList<string> ExtraArguments => [$"--config-file {Root}/daemon.json"];

        protected override void BeforeStart() => File.WriteAllText(Root + "/daemon.json", $$"""
            {
              "icc": false, "ip": "127.0.0.1", "fixed-cidr": "{{Prefix}}128/25", "default-gateway": "{{Prefix}}9", "mtu": 1399, "userland-proxy": false, "allow-direct-routing": true,
              "host-gateway-ips": ["192.0.2.1", "192.0.2.2"], "init": true, "cgroup-parent": "/tare-bridge-settings", "default-cgroupns-mode": "private",
              "ip-masq": false, "ip-forward": true, "ipv6": false, "ip6tables": false, "firewall-backend": "nftables"
            }
            """);

        protected override void AfterStop()
        {
            foreach (string folder in Directory.EnumerateDirectories("/sys/fs/cgroup", "tare-bridge-settings", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }))
            {
                Directory.Delete(folder);
            }
        }
    }

    [Fact]
    public void ContainersHaveTheAddressesAndTheGateway()
    {
        string seen = daemon.Docker(["run", "--rm", "busybox", "sh", "-c", "ip -4 -o addr show eth0 | awk '{print $4}'; ip route | grep default | awk '{print $3}'; cat /sys/class/net/eth0/mtu; cat /proc/1/comm"]).Ok().Stdout;
        Assert.Equal($"{daemon.Prefix}128/24\n{daemon.Prefix}9\n1399\ndocker-init\n", seen);
        Assert.Contains(" mtu 1399 ", Command.Run("/bin/ip", ["-o", "link", "show", daemon.Bridge]).Ok().Text, StringComparison.Ordinal);
        Assert.Equal("192.0.2.1\n192.0.2.2", daemon.Docker(["run", "--rm", "--add-host", "up:host-gateway", "busybox", "sh", "-c", "grep up$ /etc/hosts | awk '{print $1}'"]).Ok().Text);
        string network = daemon.Docker(["network", "inspect", "-f", "{{json .IPAM.Config}} {{index .Options \"com.docker.network.bridge.enable_icc\"}} {{index .Options \"com.docker.network.bridge.host_binding_ipv4\"}}", "bridge"]).Ok().Text;
        Assert.Contains($"\"IPRange\":\"{daemon.Prefix}128/25\"", network, StringComparison.Ordinal);
        Assert.EndsWith(" false 127.0.0.1", network, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ContainersDoNotReachEachOtherAndPortsAreOnTheLoopback()
    {
        using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(10) };
        daemon.Docker(["run", "-d", "--name", "server", "-p", "80", "busybox", "sh", "-c", "mkdir /w; echo here > /w/index.html; exec httpd -f -h /w"]).Ok();
        string address = daemon.Docker(["inspect", "-f", "{{.NetworkSettings.IPAddress}}", "server"]).Ok().Text;
        string port = daemon.Docker("port server 80").Ok().Text;
        Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", port, StringComparison.Ordinal);
        Eventually.True(() => daemon.Docker(["exec", "server", "test", "-s", "/w/index.html"]).ExitCode == 0, "the server does not begin");
        Assert.Equal("here\n", await client.GetStringAsync(new Uri($"http://{port}/"), TestContext.Current.CancellationToken));
        Assert.NotEqual(0, daemon.Docker(["run", "--rm", "busybox", "wget", "-T", "1", "-qO-", $"http://{address}/"]).ExitCode);
        string direct = Command.Run("/usr/sbin/nft", ["list", "set", "inet", "tare-" + daemon.Bridge, "direct"]).Ok().Text;
        // Without /etc/protocols nft knows no names of them.
        Assert.True(direct.Contains($"{address} . tcp . 80", StringComparison.Ordinal) || direct.Contains($"{address} . 6 . 80", StringComparison.Ordinal), direct);
        daemon.Docker("rm -f server").Ok();
        Assert.DoesNotContain(address, Command.Run("/usr/sbin/nft", ["list", "set", "inet", "tare-" + daemon.Bridge, "direct"]).Ok().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void CgroupsAreWhereTheSetUpSays()
    {
        Assert.NotEqual(
            Command.Run("/bin/readlink", ["/proc/self/ns/cgroup"]).Ok().Text,
            daemon.Docker(["run", "--rm", "busybox", "readlink", "/proc/self/ns/cgroup"]).Ok().Text);
        daemon.Docker(["run", "-d", "--name", "placed", "--net", "none", "busybox", "sleep", "1000"]).Ok();
        string pid = daemon.Docker(["inspect", "-f", "{{.State.Pid}}", "placed"]).Ok().Text;
        Assert.Contains("/tare-bridge-settings/", File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cgroup")), StringComparison.Ordinal);
        daemon.Docker("rm -f placed").Ok();
    }
}
