using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using DotNet.Testcontainers.Images;
using DotNet.Testcontainers.Volumes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Tare.ConformanceTests.Libraries;

/// <summary>Testcontainers: containers as fixtures of other people's tests. Its own helper that cleans up is an image of Docker Hub, and off here.</summary>
public sealed class TestcontainersTests(DaemonFixture daemon) : IClassFixture<DaemonFixture>
{
    static TestcontainersTests() => TestcontainersSettings.ResourceReaperEnabled = false;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AServiceIsAwaitedByItsPort()
    {
        await using IContainer container = Builder()
            .WithCommand("sh", "-c", "mkdir /www; echo served > /www/index.html; sleep 0.5; exec httpd -f -p 80 -h /www")
            .WithPortBinding(80, assignRandomHostPort: true)
            .WithWaitStrategy(Wait.ForUnixContainer().UntilHttpRequestIsSucceeded(request => request.ForPort(80).ForPath("/index.html")))
            .Build();
        await container.StartAsync(Cancelled);
        using HttpClient client = new();
        Assert.Equal("served\n", await client.GetStringAsync(new Uri($"http://{container.Hostname}:{container.GetMappedPublicPort(80)}/index.html"), Cancelled));
        Assert.Equal(TestcontainersStates.Running, container.State);
        await container.StopAsync(Cancelled);
        Assert.Equal(TestcontainersStates.Exited, container.State);
    }

    [Fact]
    public async Task FilesLogsAndCommands()
    {
        await using IContainer container = Builder()
            .WithEnvironment("WHO", "tare")
            .WithResourceMapping("from the test"u8.ToArray(), "/data/given.txt")
            .WithTmpfsMount("/scratch", AccessMode.ReadWrite)
            .WithLabel("purpose", "test")
            .WithCommand("sh", "-c", "cat /data/given.txt; echo; echo \"ready for $WHO\"; echo warned >&2; while true; do sleep 0.1; done")
            .WithWaitStrategy(Wait.ForUnixContainer().UntilMessageIsLogged("ready for tare"))
            .Build();
        await container.StartAsync(Cancelled);
        (string output, string error) = await container.GetLogsAsync(timestampsEnabled: false, ct: Cancelled);
        Assert.Equal(("from the test\nready for tare\n", "warned\n"), (output, error));
        ExecResult result = await container.ExecAsync(["sh", "-c", "echo out; echo err >&2; mount | grep -c /scratch; exit 7"], Cancelled);
        Assert.Equal(("out\n1\n", "err\n", 7), (result.Stdout, result.Stderr, (int)result.ExitCode!));
        await container.CopyAsync("later"u8.ToArray(), "/tmp/later.txt", ct: Cancelled);
        Assert.Equal("later"u8.ToArray(), await container.ReadFileAsync("/tmp/later.txt", Cancelled));
        await container.PauseAsync(Cancelled);
        Assert.Equal(TestcontainersStates.Paused, container.State);
        await container.UnpauseAsync(Cancelled);
    }

    [Fact]
    public async Task AVolumeIsShared()
    {
        await using IVolume volume = new VolumeBuilder().WithLogger(NullLogger.Instance).WithDockerEndpoint(Endpoint).WithCleanUp(false).WithName("shared").Build();
        await volume.CreateAsync(Cancelled);
        await using (IContainer writer = Builder().WithVolumeMount(volume, "/data").WithCommand("sh", "-c", "echo kept > /data/file").Build())
        {
            await writer.StartAsync(Cancelled);
            Assert.Equal(0, await writer.GetExitCodeAsync(Cancelled));
        }

        await using IContainer reader = Builder().WithVolumeMount(volume, "/data", AccessMode.ReadOnly).WithCommand("cat", "/data/file").Build();
        await reader.StartAsync(Cancelled);
        Assert.Equal(0, await reader.GetExitCodeAsync(Cancelled));
        Assert.Equal("kept\n", (await reader.GetLogsAsync(timestampsEnabled: false, ct: Cancelled)).Stdout);
        await reader.DisposeAsync();
        await volume.DeleteAsync(Cancelled);
    }

    private string Endpoint => $"unix://{daemon.Socket}";

    private ContainerBuilder Builder() => new ContainerBuilder("busybox:latest")
        .WithDockerEndpoint(Endpoint)
        .WithImagePullPolicy(PullPolicy.Never)
        .WithLogger(NullLogger.Instance)
        .WithCreateParameterModifier(parameters => parameters.HostConfig!.Init = true)
        .WithCleanUp(false);
}
