using System.Text.Json;
using Tare.Docker.Documents;
using Tare.Docker.Endpoints;
using Tare.Engine.Containers;

namespace Tare.UnitTests.Docker;

public sealed class ContainerMappingTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void InspectHasTheNamesOfDocker()
    {
        using JsonDocument document = JsonSerializer.SerializeToDocument(ContainerMapping.Inspect(Sample()), DockerJson.Relaxed.ContainerDocument);
        JsonElement root = document.RootElement;
        Assert.Equal(
            ["Id", "Created", "Path", "Args", "State", "Image", "ResolvConfPath", "HostnamePath", "HostsPath", "LogPath", "Name", "RestartCount", "Driver", "Platform", "MountLabel",
                "ProcessLabel", "AppArmorProfile", "ExecIDs", "HostConfig", "GraphDriver", "Mounts", "Config", "NetworkSettings"],
            root.EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            ["Status", "Running", "Paused", "Restarting", "OOMKilled", "Dead", "Pid", "ExitCode", "Error", "StartedAt", "FinishedAt"],
            root.GetProperty("State").EnumerateObject().Select(p => p.Name));
        Assert.Equal("/c1", root.GetProperty("Name").GetString());
        Assert.Equal("running", root.GetProperty("State").GetProperty("Status").GetString());
        Assert.Equal("0001-01-01T00:00:00Z", root.GetProperty("State").GetProperty("FinishedAt").GetString());
        Assert.Equal("172.17.0.2", root.GetProperty("NetworkSettings").GetProperty("IPAddress").GetString());
        Assert.Equal("172.17.0.2", root.GetProperty("NetworkSettings").GetProperty("Networks").GetProperty("bridge").GetProperty("IPAddress").GetString());
        Assert.Equal("/l2:/l1", root.GetProperty("GraphDriver").GetProperty("Data").GetProperty("LowerDir").GetString());
    }

    [Fact]
    public void MountsLeaveOutWhatTheyDoNotHave()
    {
        using JsonDocument document = JsonSerializer.SerializeToDocument(ContainerMapping.Inspect(Sample()), DockerJson.Relaxed.ContainerDocument);
        JsonElement[] mounts = [.. document.RootElement.GetProperty("Mounts").EnumerateArray()];
        Assert.Equal(["Type", "Source", "Destination", "Mode", "RW", "Propagation"], mounts[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal(["Type", "Name", "Source", "Destination", "Driver", "Mode", "RW", "Propagation"], mounts[1].EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void ListShowsCommandPortsAndState()
    {
        ContainerSummaryDocument summary = ContainerMapping.Summary(Sample(), s_now);
        Assert.Equal("sh -c 'echo hi'", summary.Command);
        Assert.Equal("Up 5 minutes", summary.Status);
        Assert.Equal("running", summary.State);
        Assert.Equal(["/c1"], summary.Names);
        Assert.Equal(
            [new PortDocument { HostAddress = "0.0.0.0", PrivatePort = 80, PublicPort = 8099, Type = "tcp" }, new PortDocument { PrivatePort = 90, Type = "udp" }], summary.Ports);
    }

    [Theory]
    [InlineData(0.5, "Less than a second")]
    [InlineData(1, "1 second")]
    [InlineData(59, "59 seconds")]
    [InlineData(60, "About a minute")]
    [InlineData(120, "2 minutes")]
    [InlineData(3600, "About an hour")]
    [InlineData(3600 * 47, "47 hours")]
    [InlineData(3600 * 48, "2 days")]
    [InlineData(3600 * 24 * 15, "2 weeks")]
    [InlineData(3600 * 24 * 70, "2 months")]
    [InlineData(3600L * 24 * 365 * 3, "3 years")]
    public void SpansReadAsDockers(double seconds, string words) => Assert.Equal(words, StatusWords.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(ContainerStatus.Created, "Created")]
    [InlineData(ContainerStatus.Paused, "Up 5 minutes (Paused)")]
    [InlineData(ContainerStatus.Exited, "Exited (3) 2 seconds ago")]
    [InlineData(ContainerStatus.Restarting, "Restarting (3) 2 seconds ago")]
    [InlineData(ContainerStatus.Removing, "Removal In Progress")]
    [InlineData(ContainerStatus.Dead, "Dead")]
    public void StatesReadAsDockers(ContainerStatus status, string words) => Assert.Equal(
        words, StatusWords.Describe(new ContainerState { Status = status, ExitCode = 3, StartedAt = s_now.AddMinutes(-5), FinishedAt = s_now.AddSeconds(-2) }, s_now));

    private static ContainerSnapshot Sample() => new()
    {
        Id = new string('a', 64),
        Name = "c1",
        Created = s_now.AddMinutes(-6),
        Path = "sh",
        Args = ["-c", "echo hi"],
        ImageId = "sha256:00",
        Config = new ContainerConfig { Image = "busybox" },
        HostConfig = new HostConfig { NetworkMode = "bridge" },
        State = new ContainerState { Status = ContainerStatus.Running, Pid = 5, StartedAt = s_now.AddMinutes(-5) },
        Mounts = [new MountPoint { Type = "bind", Source = "/tmp", Destination = "/x" }, new MountPoint { Type = "volume", Name = "v", Driver = "local", Source = "/v", Destination = "/y" }],
        Networks = new Dictionary<string, EndpointSettings> { ["bridge"] = new() { IPAddress = "172.17.0.2" } },
        Ports = new Dictionary<string, List<PortBinding>?> { ["80/tcp"] = [new PortBinding { HostIp = "0.0.0.0", HostPort = "8099" }], ["90/udp"] = null },
        LowerDirs = ["/l2", "/l1"],
        Folder = "/var/lib/tare/containers/aa",
    };
}
