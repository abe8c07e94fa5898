using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tare.Testing.Suites;

/// <summary>Published and exposed ports: what is told about them, that they are reached from everywhere, and that conflicts leave nothing.</summary>
public abstract class PortsSuite(DaemonFixture daemon, string client) : ClientSuite(daemon, client)
{
    private const string Server = "while true; do echo hello | nc -l -p 80; done";
    private const string Idle = "sleep 1000";

    private string Gateway => Daemon.Subnet.Split('/')[0];

    [Fact]
    public void APublishedPortIsToldEverywhere()
    {
        int port = FreePort();
        string name = Start($"-p {port}:80", Idle);
        Assert.Equal($"80/tcp -> 0.0.0.0:{port}\n80/tcp -> [::]:{port}", Client($"port {name}").Ok().Text);
        Assert.Equal($"0.0.0.0:{port}\n[::]:{port}", Client($"port {name} 80").Ok().Text);
        Assert.Equal($"0.0.0.0:{port}\n[::]:{port}", Client($"port {name} 80/tcp").Ok().Text);
        Assert.Contains("No public port '80/udp' published for " + name, Client($"port {name} 80/udp").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("invalid port (x): strconv.ParseUint: parsing \"x\": invalid syntax", Client($"port {name} x").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Equal($"0.0.0.0:{port}->80/tcp, [::]:{port}->80/tcp", Column(name));
        Assert.Equal(
            $$$"""{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"{{{port}}}"},{"HostIp":"::","HostPort":"{{{port}}}"}]} {"80/tcp":[{"HostIp":"","HostPort":"{{{port}}}"}]} {"80/tcp":{}}""",
            Client(["inspect", "-f", "{{json .NetworkSettings.Ports}} {{json .HostConfig.PortBindings}} {{json .Config.ExposedPorts}}", name]).Ok().Text);
        Assert.Equal(name, Client(["ps", "--filter", $"publish={port}", "--format", "{{.Names}}"]).Ok().Text);
        Assert.Empty(Client(["ps", "--filter", $"publish={port}/udp", "--format", "{{.Names}}"]).Ok().Text);

        Client($"stop -t 0 {name}").Ok();
        Assert.Equal("{}", Client(["inspect", "-f", "{{json .NetworkSettings.Ports}}", name]).Ok().Text);
        Assert.Empty(Client($"port {name}").Ok().Text);
        Assert.Empty(Column(name));
        Client($"rm {name}").Ok();
    }

    [Fact]
    public void ExposedPortsAreToldAndNotPublished()
    {
        string name = Start("--expose 90-92 --expose 95/udp", Idle);
        Assert.Equal("90-92/tcp, 95/udp", Column(name));
        Assert.Equal("""{"90/tcp":null,"91/tcp":null,"92/tcp":null,"95/udp":null}""", Client(["inspect", "-f", "{{json .NetworkSettings.Ports}}", name]).Ok().Text);
        Assert.Empty(Client($"port {name}").Ok().Text);
        Assert.Equal(name, Client(["ps", "--filter", "expose=95/udp", "--format", "{{.Names}}"]).Ok().Text);
        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void AllExposedPortsGetPortsOfTheirOwn()
    {
        string name = Start("-P --expose 80 --expose 53/udp", Server);
        int port = int.Parse(Client($"port {name} 80").Ok().Text.Split('\n')[0].Split(':')[1], CultureInfo.InvariantCulture);
        Assert.InRange(port, 1024, 65535);
        Assert.Contains("53/udp -> 0.0.0.0:", Client($"port {name}").Ok().Text, StringComparison.Ordinal);
        AssertHello(IPAddress.Loopback, port);
        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void APublishedPortIsReachedFromEverywhere()
    {
        int port = FreePort();
        string name = Start($"-p {port}:80", Server);
        AssertHello(IPAddress.Loopback, port);
        AssertHello(IPAddress.IPv6Loopback, port);
        AssertHello(IPAddress.Parse(Gateway), port);
        Eventually.True(() => Sh("", $"nc -w 2 {Gateway} {port} < /dev/null").Text == "hello", "no answer to another container");
        Eventually.True(() => Client(["exec", name, "sh", "-c", $"nc -w 2 {Gateway} {port} < /dev/null"]).Text == "hello", "no answer to the container itself");
        Client($"restart -t 0 {name}").Ok();
        AssertHello(IPAddress.Loopback, port);
        Client($"kill {name}").Ok();
        Eventually.True(() => Ask(IPAddress.Loopback, port) is null && Ask(IPAddress.IPv6Loopback, port) is null, "the port of a dead container answers");
        Client($"rm {name}").Ok();
    }

    [Fact]
    public void AnAddressOfTheHostIsTheOnlyOne()
    {
        int port = FreePort();
        string name = Start($"-p 127.0.0.1:{port}:80", Server);
        Assert.Equal($"127.0.0.1:{port}->80/tcp", Column(name));
        AssertHello(IPAddress.Loopback, port);
        Assert.Null(Ask(IPAddress.Parse(Gateway), port));
        Assert.Null(Ask(IPAddress.IPv6Loopback, port));
        Client($"rm -f {name}").Ok();
        name = Start($"-p [::1]:{port}:80", Server);
        Assert.Equal($"[::1]:{port}->80/tcp", Column(name));
        AssertHello(IPAddress.IPv6Loopback, port);
        Assert.Null(Ask(IPAddress.Loopback, port));
        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void RangesArePairedOrChosenFrom()
    {
        int port = FreePort(4);
        string pairs = Start($"-p {port}-{port + 1}:80-81", Idle);
        Assert.Equal(
            $"0.0.0.0:{port}->80/tcp, [::]:{port}->80/tcp, 0.0.0.0:{port + 1}->81/tcp, [::]:{port + 1}->81/tcp", Column(pairs));
        string one = Start($"-p {port}-{port + 2}:80", Idle);
        Assert.Equal($"0.0.0.0:{port + 2}\n[::]:{port + 2}", Client($"port {one} 80").Ok().Text);
        Assert.Contains("all ports are allocated", Client($"run --rm -p {port}-{port + 2}:80 busybox true").Exits(125).Stderr, StringComparison.Ordinal);
        string same = Start($"-p {port + 3}:{port + 3} --expose {port + 4}", Idle);
        Assert.Equal($"{port + 4}/tcp, 0.0.0.0:{port + 3}->{port + 3}/tcp, [::]:{port + 3}->{port + 3}/tcp", SortedColumn(same));
        Client($"rm -f {pairs} {one} {same}").Ok();
    }

    [Fact]
    public void DatagramsFindTheirWay()
    {
        int port = FreePort();
        string name = Start($"-p {port}:53/udp", Idle);
        using DatagramEcho server = new(Pid(name), 53);
        foreach (IPAddress address in new[] { IPAddress.Loopback, IPAddress.Parse(Gateway), IPAddress.IPv6Loopback })
        {
            Eventually.True(() => Echo(address, port, "question") == "question", $"no datagram comes back from {address}");
        }

        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void DatagramsFollowThePortToTheNextContainer()
    {
        int port = FreePort();
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 500 };
        client.Connect(IPAddress.Loopback, port);
        Assert.Null(Echo(client, "nobody"));
        string first = Start($"-p {port}:53/udp", Idle);
        using (DatagramEcho server = new(Pid(first), 53))
        {
            Eventually.True(() => Echo(client, "one") == "one", "no datagram comes back from a port that was published after the first one was sent");
        }

        // The next container gets another address.
        string other = Start("", Idle);
        Client($"rm -f {first}").Ok();
        string third = Start("", Idle);
        string second = Start($"-p {port}:53/udp", Idle);
        using DatagramEcho next = new(Pid(second), 53);
        Eventually.True(() => Echo(client, "two") == "two", "no datagram comes back from the second container");
        Client($"rm -f {other} {second} {third}").Ok();
    }

    [Fact]
    public void APortThatIsTakenLeavesNothing()
    {
        int port = FreePort();
        string first = Start($"-p {port}:80", Server);
        string second = NewName();
        MachineState before = MachineState.Take(Daemon.Root + "/exec");
        CommandResult conflict = Client($"run -d --name {second} -p {port}:81 -p {port + 1}:82 busybox sleep 1000").Exits(125);
        Assert.Matches($"driver failed programming external connectivity on endpoint {second} \\([0-9a-f]{{64}}\\): Bind for 0\\.0\\.0\\.0:{port} failed: port is already allocated", conflict.Stderr);
        Assert.Equal("created 128", Client(["inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", second]).Ok().Text);
        Assert.Contains("port is already allocated", Client($"run --rm -p 127.0.0.1:{port}:80 busybox true").Exits(125).Stderr, StringComparison.Ordinal);
        before.AssertNothingNew();
        AssertHello(IPAddress.Loopback, port);

        // The port that would have been free was given back, and so is the first one when its holder ends.
        Client($"run --rm -p {port + 1}:80 busybox true").Ok();
        Client($"rm -f {first}").Ok();
        Client($"start {second}").Ok();
        Client($"rm -f {second}").Ok();
    }

    [Fact]
    public void APortOfAnotherProgramIsTaken()
    {
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Any, 0));
        other.Listen();
        int port = ((IPEndPoint)other.LocalEndPoint!).Port;
        CommandResult result = Client($"run --rm -p {port}:80 busybox true").Exits(125);
        Assert.Matches($"failed to bind host port for 0\\.0\\.0\\.0:{port}:[0-9.]+:80/tcp: address already in use", result.Stderr);
        Assert.Contains(
            "cannot assign requested address", Client($"run --rm -p 203.0.113.9:{port}:80 busybox true").Exits(125).Stderr, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run --rm -p 80/foo busybox true", "Invalid proto: foo")]
    [InlineData("run --rm -p 80-82:80-81 busybox true", "Invalid ranges specified for container and host Ports: 80-81 and 80-82")]
    [InlineData("run --rm -p 65536:80 busybox true", "Invalid hostPort: 65536")]
    [InlineData("run --rm --network nowhere busybox true", "failed to set up container networking: network nowhere not found")]
    [InlineData("run --rm --ip 10.200.0.9 busybox true", "user specified IP address is supported on user defined networks only")]
    [InlineData("run --rm --link ghost busybox true", "could not get container for ghost: No such container: ghost")]
    [InlineData("run --rm --network-alias x busybox true", "network-scoped aliases are only supported for user-defined networks")]
    [InlineData("run --rm --network bridge --network host busybox true", "cannot connect container to host network")]
    public void WhatCannotBeDoneIsRefused(string line, string message)
    {
        CommandResult result = Client(line).Exits(125);
        Assert.Contains(message, result.Stderr, StringComparison.Ordinal);
        Assert.DoesNotContain("Unable to find image", result.Stderr, StringComparison.Ordinal);
        Assert.DoesNotContain("Error waiting", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherNetworkModesPublishNothing()
    {
        int port = FreePort();
        CommandResult result = Client($"run --rm --network host -p {port}:80 busybox true").Ok();
        Assert.Contains("Published ports are discarded when using host network mode", result.Stderr, StringComparison.Ordinal);
        string none = Start($"--network none -p {port}:80", Idle);
        Assert.Equal("{}", Client(["inspect", "-f", "{{json .NetworkSettings.Ports}}", none]).Ok().Text);
        Client($"run --rm -p {port}:80 busybox true").Ok();
        Client($"rm -f {none}").Ok();
    }

    [Fact]
    public void AMacAddressIsTaken()
        => Assert.Equal("02:42:ac:11:00:99", Sh("--mac-address 02:42:ac:11:00:99", "cat /sys/class/net/eth0/address").Ok().Text);

    private int Pid(string name) => int.Parse(Client(["inspect", "-f", "{{.State.Pid}}", name]).Ok().Text, CultureInfo.InvariantCulture);

    private string Column(string name) => Client(["ps", "-a", "--filter", $"name=^{name}$", "--format", "{{.Ports}}"]).Ok().Text;

    /// <summary>The cell with its parts in the order of their texts.</summary>
    private string SortedColumn(string name) => string.Join(", ", Column(name).Split(", ").OrderBy(part => part.Contains("->", StringComparison.Ordinal)));

    private static void AssertHello(IPAddress address, int port) => Eventually.True(() => Ask(address, port) == "hello", $"no answer from {address}, port {port}");

    /// <summary>What a server says; null when none is there.</summary>
    private static string? Ask(IPAddress address, int port)
    {
        using Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 2000 };
        try
        {
            socket.Connect(address, port);
            byte[] buffer = new byte[100];
            int count = socket.Receive(buffer);
            return count == 0 ? null : Encoding.ASCII.GetString(buffer, 0, count).Trim();
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static string? Echo(IPAddress address, int port, string text)
    {
        using Socket socket = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 500 };
        socket.Connect(address, port);
        return Echo(socket, text);
    }

    private static string? Echo(Socket socket, string text)
    {
        try
        {
            socket.Send(Encoding.ASCII.GetBytes(text));
            byte[] buffer = new byte[100];
            return Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static int s_port = 20000;

    /// <summary>The first of some neighbouring ports that no other test uses; below the ephemeral ones.</summary>
    private static int FreePort(int count = 1) => Interlocked.Add(ref s_port, count + 1) - count - 1;
}
