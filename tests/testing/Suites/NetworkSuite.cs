namespace Tare.Testing.Suites;

/// <summary>The first network: none, host, the default bridge, and the files that name things.</summary>
public abstract class NetworkSuite(DaemonFixture daemon, string client) : ClientSuite(daemon, client)
{
    private string Gateway => Daemon.Subnet.Split('/')[0];

    [Fact]
    public void NoneHasOnlyLoopback() => Assert.Equal("lo", Sh("--network none", "ls /sys/class/net").Ok().Text);

    [Fact]
    public void HostSeesTheHostsInterfaces() => Assert.Contains(Daemon.Bridge, Sh("--network host", "ls /sys/class/net").Ok().Stdout, StringComparison.Ordinal);

    [Fact]
    public void BridgeGivesAnAddressAndARoute()
    {
        CommandResult result = Sh("", $"ip -4 addr show eth0; ip route; ping -c 1 -W 2 {Gateway}").Ok();
        Assert.Contains($"inet {Gateway[..Gateway.LastIndexOf('.')]}.", result.Stdout, StringComparison.Ordinal);
        Assert.Contains($"default via {Gateway} dev eth0", result.Stdout, StringComparison.Ordinal);
        Assert.Contains("1 packets received", result.Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public void ContainersReachEachOther()
    {
        string server = Start(script: "while true; do echo hello | nc -l -p 80; done");
        string address = Client(["inspect", "-f", "{{.NetworkSettings.Networks.bridge.IPAddress}}", server]).Ok().Text;
        Eventually.True(() => Sh("", $"nc -w 2 {address} 80 < /dev/null").Text == "hello", "no answer from the other container");
        Client($"rm -f {server}").Ok();
    }

    [Fact]
    public void AnotherContainersNetworkIsShared()
    {
        string first = Start();
        string mine = Client($"exec {first} readlink /proc/self/ns/net").Ok().Text;
        Assert.Equal(mine, Sh($"--network container:{first}", "readlink /proc/self/ns/net").Ok().Text);
        Client($"rm -f {first}").Ok();
    }

    [Fact]
    public void FilesThatNameThings()
    {
        CommandResult result = Sh("-h box --add-host other:10.1.2.3", "cat /etc/hostname; cat /etc/hosts; cat /etc/resolv.conf").Ok();
        Assert.StartsWith("box\n127.0.0.1\tlocalhost\n", result.Stdout, StringComparison.Ordinal);
        Assert.Contains("10.1.2.3\tother\n", result.Stdout, StringComparison.Ordinal);
        Assert.Matches("10\\.[0-9.]+\tbox\n", result.Stdout);
        Assert.Contains("nameserver", result.Stdout, StringComparison.Ordinal);
        Assert.Contains("nameserver 9.9.9.9", Sh("--dns 9.9.9.9", "cat /etc/resolv.conf").Ok().Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public void InterfacesGoWithTheContainer()
    {
        int before = MachineState.Interfaces().Count;
        Sh("", "true").Ok();
        Eventually.True(() => MachineState.Interfaces().Count == before, "an interface is left");
    }
}
