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
    public void LinksNameAnotherContainer()
    {
        string db = Start("-e SECRET=x --expose 5432 -h dbhost");
        string web = Start($"--link {db}:data");
        string address = Client(["inspect", "-f", "{{.NetworkSettings.Networks.bridge.IPAddress}}", db]).Ok().Text;
        Assert.Contains($"{address}\tdata dbhost {db}\n", Client($"exec {web} cat /etc/hosts").Ok().Stdout, StringComparison.Ordinal);
        string environment = Client($"exec {web} env").Ok().Stdout;
        Assert.Contains($"DATA_PORT=tcp://{address}:5432\n", environment, StringComparison.Ordinal);
        Assert.Contains("DATA_ENV_SECRET=x\n", environment, StringComparison.Ordinal);
        Assert.Equal($"[\"/{db}:/{web}/data\"]", Client(["inspect", "-f", "{{json .HostConfig.Links}}", web]).Ok().Text);
        Client($"rename {db} {db}new").Ok();
        Assert.Equal($"[\"/{db}new:/{web}/data\"]", Client(["inspect", "-f", "{{json .HostConfig.Links}}", web]).Ok().Text);
        Client($"stop -t 0 {db}new").Ok();
        Assert.Contains($"Cannot link to a non running container: /{db}new AS /{web}/data", Client($"restart -t 0 {web}").Stderr, StringComparison.Ordinal);
        Client($"start {db}new").Ok();
        Client($"start {web}").Ok();
        Client($"rm --link {web}/data").Ok();
        Assert.DoesNotContain("dbhost", Client($"exec {web} cat /etc/hosts").Ok().Stdout, StringComparison.Ordinal);
        Client($"rm -f {db}new {web}").Ok();
    }

    [Fact]
    public void InterfacesGoWithTheContainer()
    {
        IReadOnlyList<string> before = MachineState.Interfaces();
        Sh("", "true").Ok();
        Eventually.True(() => !MachineState.Interfaces().Except(before).Any(), "an interface is left");
    }
}
