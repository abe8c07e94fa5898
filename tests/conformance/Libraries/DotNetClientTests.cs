using System.Collections.Concurrent;
using System.Formats.Tar;
using System.Text;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Tare.ConformanceTests.Libraries;

/// <summary>Docker.DotNet, the library by which .NET programs talk to Docker.</summary>
public sealed class DotNetClientTests(DaemonFixture daemon) : IClassFixture<DaemonFixture>, IDisposable
{
    private readonly DockerClient _client = new DockerClientBuilder().WithEndpoint(new Uri($"unix://{daemon.Socket}")).Build();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task TheSystemIsDescribed()
    {
        await _client.System.PingAsync(Cancelled);
        VersionResponse version = await _client.System.GetVersionAsync(Cancelled);
        Assert.Equal("linux", version.Os);
        SystemInfoResponse info = await _client.System.GetSystemInfoAsync(Cancelled);
        Assert.Equal(Environment.ProcessorCount, info.NCPU);
        Assert.Equal(daemon.DataRoot, info.DockerRootDir);
    }

    [Fact]
    public async Task AContainerLivesItsLife()
    {
        ConcurrentQueue<string> events = [];
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        Task monitor = _client.System.MonitorEventsAsync(new ContainerEventsParameters(), new Received<Message>(message => events.Enqueue($"{message.Type} {message.Action}")), enough.Token);
        string id = await CreateAsync("read line; echo \"got $line\"; echo bad >&2; exit 3", openStdin: true);
        using (MultiplexedStream attached = await _client.Containers.AttachContainerAsync(id,
            new ContainerAttachParameters { Stdin = true, Stdout = true, Stderr = true, Stream = true }, Cancelled))
        {
            Assert.True(await _client.Containers.StartContainerAsync(id, new ContainerStartParameters(), Cancelled));
            Assert.False(await _client.Containers.StartContainerAsync(id, new ContainerStartParameters(), Cancelled));
            byte[] line = "words\n"u8.ToArray();
            await attached.WriteAsync(line, 0, line.Length, Cancelled);
            attached.CloseWrite();
            (string output, string error) = await attached.ReadOutputToEndAsync(Cancelled);
            Assert.Equal(("got words\n", "bad\n"), (output, error));
        }

        Assert.Equal(3, (await _client.Containers.WaitContainerAsync(id, Cancelled)).StatusCode);
        ContainerInspectResponse inspected = await _client.Containers.InspectContainerAsync(id, Cancelled);
        Assert.Equal((3, false), ((int)inspected.State!.ExitCode, inspected.State.Running));
        using (MultiplexedStream logs = await _client.Containers.GetContainerLogsAsync(id, new ContainerLogsParameters { ShowStdout = true, ShowStderr = true }, Cancelled))
        {
            Assert.Equal(("got words\n", "bad\n"), await logs.ReadOutputToEndAsync(Cancelled));
        }

        await _client.Containers.RemoveContainerAsync(id, new ContainerRemoveParameters(), Cancelled);
        await Assert.ThrowsAsync<DockerContainerNotFoundException>(() => _client.Containers.InspectContainerAsync(id, Cancelled));
        Eventually.True(() => events.Contains("container destroy"), "the events do not come");
        Assert.Equal(["container create", "container attach", "container start", "container die", "container destroy"], events.Where(e => e.StartsWith("container", StringComparison.Ordinal)));
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => monitor);
    }

    [Fact]
    public async Task ARunningContainerIsWorkedWith()
    {
        string id = await CreateAsync("trap 'exit 0' TERM; while true; do sleep 0.1; done");
        await _client.Containers.StartContainerAsync(id, new ContainerStartParameters(), Cancelled);

        ContainerExecCreateResponse exec = await _client.Exec.CreateContainerExecAsync(id,
            new ContainerExecCreateParameters { Cmd = ["sh", "-c", "cat; exit 5"], AttachStdin = true, AttachStdout = true, AttachStderr = true }, Cancelled);
        using (MultiplexedStream stream = await _client.Exec.StartContainerExecAsync(exec.ID, new ContainerExecStartParameters(), Cancelled))
        {
            byte[] text = Encoding.UTF8.GetBytes(new string('x', 100_000));
            await stream.WriteAsync(text, 0, text.Length, Cancelled);
            stream.CloseWrite();
            Assert.Equal(100_000, (await stream.ReadOutputToEndAsync(Cancelled)).stdout.Length);
        }

        Assert.Equal(5, (await _client.Exec.InspectContainerExecAsync(exec.ID, Cancelled)).ExitCode);
        await _client.Containers.ExtractArchiveToContainerAsync(id, new CopyToContainerParameters { Path = "/tmp" }, Archive("in.txt", "copied"), Cancelled);
        ContainerArchiveResponse archive = await _client.Containers.GetArchiveFromContainerAsync(id, new ContainerPathStatParameters { Path = "/tmp/in.txt" }, false, Cancelled);
        Assert.Equal("in.txt", archive.Stat.Name);

        // The library's stream cannot be read synchronously, which TarReader does.
        MemoryStream received = new();
        await archive.Stream!.CopyToAsync(received, Cancelled);
        received.Position = 0;
        using (TarReader reader = new(received))
        {
            Assert.Equal("copied", await new StreamReader((await reader.GetNextEntryAsync(copyData: true, Cancelled))!.DataStream!).ReadToEndAsync(Cancelled));
        }

        Assert.Contains(await _client.Containers.InspectChangesAsync(id, Cancelled), change => change.Path == "/tmp/in.txt");
        Assert.NotEmpty((await _client.Containers.ListProcessesAsync(id, new ContainerListProcessesParameters(), Cancelled)).Processes);
        ContainerStatsResponse? statistics = null;
        await _client.Containers.GetContainerStatsAsync(id, new ContainerStatsParameters { Stream = false }, new Received<ContainerStatsResponse>(value => statistics = value), Cancelled);
        Assert.True(statistics!.MemoryStats!.Usage > 0);
        await _client.Containers.UpdateContainerAsync(id, new ContainerUpdateParameters { Memory = 64 << 20, MemorySwap = 64 << 20 }, Cancelled);
        await _client.Containers.RenameContainerAsync(id, new ContainerRenameParameters { NewName = "renamed" }, Cancelled);
        await _client.Containers.PauseContainerAsync(id, Cancelled);
        ContainerListResponse listed = Assert.Single(await _client.Containers.ListContainersAsync(new ContainersListParameters(), Cancelled), entry => entry.ID == id);
        Assert.Equal("/renamed", Assert.Single(listed.Names));
        Assert.EndsWith("(Paused)", listed.Status, StringComparison.Ordinal);
        await _client.Containers.UnpauseContainerAsync(id, Cancelled);
        Assert.True(await _client.Containers.StopContainerAsync(id, new ContainerStopParameters { WaitBeforeKillSeconds = 10 }, Cancelled));
        ContainerInspectResponse inspected = await _client.Containers.InspectContainerAsync(id, Cancelled);
        Assert.Equal((0, 64 << 20), ((int)inspected.State!.ExitCode, (int)inspected.HostConfig!.Memory));
        await _client.Containers.RemoveContainerAsync(id, new ContainerRemoveParameters(), Cancelled);
    }

    [Fact]
    public async Task ImagesAreTaggedSavedAndLoaded()
    {
        await _client.Images.TagImageAsync("busybox:latest", new ImageTagParameters { RepositoryName = "library/other", Tag = "1" }, Cancelled);
        MemoryStream saved = new();
        await using (Stream stream = await _client.Images.SaveImageAsync("library/other:1", Cancelled))
        {
            await stream.CopyToAsync(saved, Cancelled);
        }

        Assert.Contains(await _client.Images.DeleteImageAsync("library/other:1", new ImageDeleteParameters(), Cancelled), entry => entry.ContainsKey("Untagged"));
        saved.Position = 0;
        List<string?> told = [];
        await _client.Images.LoadImageAsync(new ImageLoadParameters(), saved, new Received<JSONMessage>(message => told.Add(message.Stream)), Cancelled);
        Assert.Contains(told, text => text?.Contains("Loaded image: library/other:1", StringComparison.Ordinal) == true || text?.Contains("Loaded image: other:1", StringComparison.Ordinal) == true);
        Assert.NotEmpty(await _client.Images.GetImageHistoryAsync("other:1", Cancelled));
        Assert.Contains(await _client.Images.ListImagesAsync(new ImagesListParameters(), Cancelled), image => image.RepoTags?.Contains("other:1") == true);
        await _client.Images.DeleteImageAsync("other:1", new ImageDeleteParameters(), Cancelled);
        await Assert.ThrowsAsync<DockerImageNotFoundException>(() => _client.Images.InspectImageAsync("other:1", Cancelled));
    }

    [Fact]
    public async Task VolumesComeAndGo()
    {
        VolumeResponse made = await _client.Volumes.CreateAsync(new VolumesCreateParameters { Name = "kept", Labels = new Dictionary<string, string> { ["a"] = "b" } }, Cancelled);
        Assert.Equal(("kept", "local"), (made.Name, made.Driver));
        Assert.Equal("b", (await _client.Volumes.InspectAsync("kept", Cancelled)).Labels["a"]);
        Assert.Contains((await _client.Volumes.ListAsync(Cancelled)).Volumes, volume => volume.Name == "kept");
        await _client.Volumes.RemoveAsync("kept", force: null, Cancelled);
        DockerApiException gone = await Assert.ThrowsAnyAsync<DockerApiException>(() => _client.Volumes.InspectAsync("kept", Cancelled));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, gone.StatusCode);
    }

    private async Task<string> CreateAsync(string script, bool openStdin = false)
    {
        CreateContainerResponse created = await _client.Containers.CreateContainerAsync(new CreateContainerParameters
        {
            Image = "busybox",
            Cmd = ["sh", "-c", script],
            AttachStdin = openStdin,
            OpenStdin = openStdin,
            StdinOnce = openStdin,
            HostConfig = new HostConfig { NetworkMode = "none" },
        }, Cancelled);
        return created.ID;
    }

    private static MemoryStream Archive(string name, string content)
    {
        MemoryStream archive = new();
        using (TarWriter writer = new(archive, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) });
        }

        archive.Position = 0;
        return archive;
    }

    // Progress<T> would report later, on another thread.
    private sealed class Received<T>(Action<T> receive) : IProgress<T>
    {
        public void Report(T value) => receive(value);
    }
}
