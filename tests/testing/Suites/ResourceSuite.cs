using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Tare.Testing.Suites;

/// <summary><c>update</c> and <c>stats</c>.</summary>
public abstract class ResourceSuite(DaemonFixture daemon, string client) : ClientSuite(daemon, client)
{
    [Fact]
    public void UpdateChangesLimitsInTheKernelAndInInspect()
    {
        string name = Running("-m 64m --memory-swap 128m");
        Assert.Equal(name, Client(["update", "-m", "80m", "--memory-swap", "160m", "--pids-limit", "50", "--restart", "on-failure:3", name]).Ok().Text);
        Assert.Equal("83886080 167772160 50 on-failure 3", Client(["inspect", "-f",
            "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.PidsLimit}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}", name]).Ok().Text);
        Assert.Equal("83886080\n50", Client(["exec", name, "sh", "-c", "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max"]).Ok().Text);
        // The devices of a container are no limit of update's.
        Client(["exec", name, "sh", "-c", "echo x > /dev/null && head -c 1 /dev/urandom > /dev/null"]).Ok();
        Client(["rm", "-f", name]).Ok();
    }

    [Fact]
    public void UpdateOfAStoppedContainerHoldsAtItsStart()
    {
        string name = Client(["create", "busybox", "sh", "-c", "cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max"]).Ok().Text;
        Client(["update", "--pids-limit", "33", name]).Ok();
        Assert.Equal("33", Client(["start", "-a", name]).Ok().Text);
        Client(["rm", name]).Ok();
    }

    [Fact]
    public void WrongUpdatesAreRefusedInDockersWords()
    {
        string name = Running("-m 64m --memory-swap 128m --cpus 0.5");
        Assert.Contains("Minimum memory limit allowed is 6MB", Client(["update", "-m", "1m", name]).Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time", Client(["update", "-m", "200m", name]).Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set", Client(["update", "--cpu-quota", "20000", name]).Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("you must provide one or more flags when using this command", Client(["update", name]).Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("No such container: nobody", Client(["update", "-m", "64m", "nobody"]).Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Equal("67108864", Client(["inspect", "-f", "{{.HostConfig.Memory}}", name]).Ok().Text);
        Client(["rm", "-f", name]).Ok();
    }

    [Fact]
    public void StatsTellWhatIsUsed()
    {
        string name = Client(["run", "-d", "-m", "64m", "--pids-limit", "20", "busybox", "sh", "-c", "while true; do :; done"]).Ok().Text;
        string[] cells = Client(["stats", "--no-stream", "--format", "{{.Container}}|{{.CPUPerc}}|{{.MemUsage}}|{{.NetIO}}|{{.PIDs}}", name]).Ok().Text.Split('|');
        Assert.Equal(name, cells[0]);
        Assert.True(double.Parse(cells[1].TrimEnd('%'), System.Globalization.CultureInfo.InvariantCulture) > 1, cells[1]);
        Assert.EndsWith(" / 64MiB", cells[2], StringComparison.Ordinal);
        Assert.Matches("^[0-9.]+k?B / [0-9.]+k?B$", cells[3]);
        Assert.Equal("1", cells[4]);
        Assert.StartsWith("CONTAINER ID   NAME ", Client(["stats", "--no-stream"]).Ok().Stdout, StringComparison.Ordinal);
        Client(["rm", "-f", name]).Ok();
        Assert.Contains("No such container", Client(["stats", "--no-stream", name]).Exits(1).Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheFieldsOfStatsAreDockers()
    {
        string name = Running("-m 64m");
        using HttpClient http = new(new SocketsHttpHandler { ConnectCallback = ConnectAsync });
        JsonNode stats = JsonNode.Parse(await http.GetStringAsync(new Uri($"http://docker/v1.51/containers/{name}/stats?stream=false")))!;
        Assert.Equal("/" + Client(["inspect", "-f", "{{slice .Name 1}}", name]).Ok().Text, (string?)stats["name"]);
        Assert.True((ulong)stats["cpu_stats"]!["system_cpu_usage"]! > (ulong)stats["precpu_stats"]!["system_cpu_usage"]!, "the readings are a second apart");
        Assert.Equal(64 << 20, (long)stats["memory_stats"]!["limit"]!);
        Assert.NotNull(stats["networks"]!["eth0"]!["rx_bytes"]);
        Assert.NotNull(stats["blkio_stats"]!["io_service_bytes_recursive"]);
        Client(["rm", "-f", name]).Ok();
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Daemon.Socket), cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private string Running(string options) => Client(["run", "-d", .. options.Split(' '), "busybox", "sleep", "1000"]).Ok().Text;
}
