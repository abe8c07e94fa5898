using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tare.IntegrationTests.Images;

/// <summary>What nothing needs goes, to the last file; what somebody reads stays as long as he does.</summary>
public sealed class CollectionTests : IDisposable
{
    private readonly DaemonFixture _daemon = new();
    private readonly Registry _registry;

    public CollectionTests() => _registry = new Registry($"{_daemon.Root}/registry");

    public void Dispose()
    {
        _registry.Dispose();
        _daemon.Dispose();
    }

    [Fact]
    public void NothingIsLeftWhenEverythingIsRemoved()
    {
        SortedSet<string> fresh = FreshDataRoot();
        byte[] noise = new byte[300_000];
        new Random(7).NextBytes(noise);
        ImageBlobs image = new ImageBlobs().Layer(BusyboxRoot.Tar).Layer(PullTests.TarOf(("a", "1")), "zstd").Layer(PullTests.TarOf(("b", Convert.ToHexString(noise))), "").Finish("amd64", "true");
        ImageBlobs sharing = new ImageBlobs().Layer(BusyboxRoot.Tar).Layer(PullTests.TarOf(("c", "3"))).Finish("amd64", "true");
        _registry.Push("team/one", "v1", image);
        _registry.Push("team/two", "v1", sharing);
        string[] names = [$"{_registry.Host}/team/one:v1", $"{_registry.Host}/team/two:v1"];
        Array.ForEach(names, name => _daemon.Tare($"pull {name}").Ok());
        FailPull(_daemon);
        _daemon.Tare(["run", "--name", "writer", names[0], "sh", "-c", "echo x > /written"]).Ok();
        _daemon.Tare("commit writer committed:1").Ok();
        _daemon.Tare($"tag committed:1 {_registry.Host}/team/committed:1").Ok();
        _daemon.Tare($"push {_registry.Host}/team/committed:1").Ok();
        _daemon.Tare($"save -o {_daemon.Root}/all.tar committed:1 {names[1]} busybox").Ok();
        _daemon.Tare($"run --name mounts --mount type=image,source={names[1]},target=/two busybox cat /two/c").Ok();

        // Images before the containers that lie on them.
        _daemon.Tare(["rmi", "-f", .. names, "committed:1", $"{_registry.Host}/team/committed:1", "busybox"]).Ok();
        _daemon.Tare("start -a mounts").Ok();
        Assert.Contains(Directory.GetDirectories(_daemon.DataRoot + "/layers"), static path => !path.EndsWith(".staging", StringComparison.Ordinal));
        _daemon.Tare("rm writer mounts").Ok();
        _daemon.Tare($"load -i {_daemon.Root}/all.tar").Ok();
        _daemon.Tare("image prune -af").Ok();
        Eventually.True(() => DataRoot().SetEquals(fresh), () => "left: " + string.Join(", ", DataRoot().Except(fresh)) + "; missing: " + string.Join(", ", fresh.Except(DataRoot())));
        _daemon.Tare("system check").Ok();
    }

    [Fact]
    public void RemovalByNameLeavesNothingEither()
    {
        SortedSet<string> fresh = FreshDataRoot();
        _registry.Push("team/one", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar).Layer(PullTests.TarOf(("a", "1"))).Finish("amd64", "true"));
        _daemon.Tare($"pull {_registry.Host}/team/one:v1").Ok();
        _daemon.Tare(["rmi", $"{_registry.Host}/team/one:v1", "busybox"]).Ok();
        Eventually.True(() => DataRoot().SetEquals(fresh), () => "left: " + string.Join(", ", DataRoot().Except(fresh)));
    }

    [Fact]
    public void WhatAFailedPullBroughtServesTheNextAndIsPruned()
    {
        string first = FailPull(_daemon);
        Assert.True(File.Exists($"{_daemon.DataRoot}/content/sha256/{first}"));
        string pruned = _daemon.Tare("image prune -f").Ok().Stdout;
        Assert.DoesNotContain("Total reclaimed space: 0B", pruned, StringComparison.Ordinal);
        Assert.False(File.Exists($"{_daemon.DataRoot}/content/sha256/{first}"));
        _daemon.Tare("system check").Ok();
    }

    [Fact]
    public async Task APushGoesOnWhileItsImageIsRemoved()
    {
        byte[] noise = new byte[8 << 20];
        new Random(3).NextBytes(noise);
        _registry.Push("team/big", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar).Layer(PullTests.TarOf(("noise", Convert.ToBase64String(noise)))).Finish("amd64", "true"));
        using Gate gate = new(_registry.Host);
        _daemon.Tare($"pull {_registry.Host}/team/big:v1").Ok();
        _daemon.Tare($"tag {_registry.Host}/team/big:v1 {gate.Host}/team/other:v1").Ok();
        Task<CommandResult> push = Command.RunAsync(Programs.Tare, ["-H", $"unix://{_daemon.Socket}", "push", $"{gate.Host}/team/other:v1"]);
        Eventually.True(() => gate.IsHolding, "the push does not get as far as the gate");
        _daemon.Tare(["rmi", $"{gate.Host}/team/other:v1", $"{_registry.Host}/team/big:v1"]).Ok();
        Assert.DoesNotContain("team/", _daemon.Tare("images").Ok().Stdout, StringComparison.Ordinal);
        // A collection beside it takes nothing away either.
        _daemon.Tare("image prune -f").Ok();
        gate.Open();
        (await push).Ok();
        Assert.Equal(_registry.Manifest("team/big", "v1"), _registry.Manifest("team/other", "v1"));
        Eventually.True(() => _daemon.Tare("system check").ExitCode == 0, () => _daemon.Tare("system check").Stdout);
        _daemon.Tare($"run --rm {_registry.Host}/team/other:v1 true").Ok();
    }

    [Fact]
    public async Task ASaveGoesOnWhileItsImageIsRemoved()
    {
        byte[] noise = new byte[4 << 20];
        new Random(4).NextBytes(noise);
        _registry.Push("team/saved", "v1", new ImageBlobs().Layer(BusyboxRoot.Tar).Layer(PullTests.TarOf(("noise", Convert.ToBase64String(noise)))).Finish("amd64", "echo", "saved"));
        string name = $"{_registry.Host}/team/saved:v1";
        _daemon.Tare($"pull {name}").Ok();
        using Process save = Command.Start(Programs.Tare, ["-H", $"unix://{_daemon.Socket}", "save", name]);
        byte[] start = new byte[512];
        await save.StandardOutput.BaseStream.ReadExactlyAsync(start, TestContext.Current.CancellationToken);
        _daemon.Tare($"rmi {name}").Ok();
        using MemoryStream archive = new();
        archive.Write(start);
        await save.StandardOutput.BaseStream.CopyToAsync(archive, TestContext.Current.CancellationToken);
        await save.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, save.ExitCode);
        _daemon.Tare(["load"], archive.ToArray()).Ok();
        Assert.Equal("saved", _daemon.Tare($"run --rm {name}").Ok().Text);
    }

    [Fact]
    public void PullsRunsAndRemovalsSideBySide()
    {
        ImageBlobs[] images = [.. Enumerable.Range(0, 3).Select(i => new ImageBlobs().Layer(BusyboxRoot.Tar).Layer(PullTests.TarOf(("n", $"{i}"))).Finish("amd64", "cat", "/n"))];
        for (int i = 0; i < images.Length; i++)
        {
            _registry.Push("team/side", $"v{i}", images[i]);
        }

        // Each thread pulls, runs and removes images that share a layer: never does a removal take from under another what that one needs.
        Parallel.For(0, images.Length, new ParallelOptions { MaxDegreeOfParallelism = images.Length }, i =>
        {
            string name = $"{_registry.Host}/team/side:v{i}";
            for (int round = 0; round < 6; round++)
            {
                Assert.Equal($"{i}", _daemon.Tare($"run --rm {name}").Ok().Text);
                _daemon.Tare($"rmi {name}").Ok();
            }
        });
        _daemon.Tare("system check").Ok();
    }

    /// <summary>Has a pull fail at its second layer when the first is here.</summary>
    /// <returns>The first layer's blob, hexadecimal.</returns>
    private static string FailPull(DaemonFixture daemon)
    {
        byte[] tar = PullTests.TarOf(("of a failed pull", "x"));
        ImageBlobs image = new ImageBlobs().Layer(tar).RawLayer([1, 2, 3], ImageBlobs.DigestOf([1]), digest: ImageBlobs.DigestOf([4])).Finish("amd64", "true");
        string first = ImageBlobs.DigestOf(ImageBlobs.Gzip(tar))["sha256:".Length..];
        using FaultyRegistry faulty = new(image);
        string output = "";
        Eventually.True(
            () =>
            {
                output = daemon.Tare($"pull {faulty.Host}/x/bad:v1").Exits(1).Stdout;
                return output.Contains($"{first[..12]}: Already exists", StringComparison.Ordinal);
            },
            () => "the first layer does not stay: " + output);
        return first;
    }

    private SortedSet<string> FreshDataRoot()
    {
        _daemon.StopDaemon();
        Directory.Move(_daemon.DataRoot, _daemon.DataRoot + ".kept");
        _daemon.StartDaemon();
        _daemon.Tare("images").Ok();
        SortedSet<string> fresh = DataRoot();
        _daemon.StopDaemon();
        Directory.Delete(_daemon.DataRoot, recursive: true);
        Directory.Move(_daemon.DataRoot + ".kept", _daemon.DataRoot);
        _daemon.StartDaemon();
        return fresh;
    }

    // All that has an inode; SQLite's own files come and go with its connections.
    private SortedSet<string> DataRoot() => new(
        Directory.EnumerateFileSystemEntries(_daemon.DataRoot, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(path => !Path.GetFileName(path).StartsWith("tare.db-", StringComparison.Ordinal)).Select(path => path[_daemon.DataRoot.Length..]),
        StringComparer.Ordinal);

    /// <summary>Passes connections on to a registry, and lets no more than a megabyte through to it until it is opened.</summary>
    private sealed class Gate : IDisposable
    {
        private const long Free = 1 << 20;
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly IPEndPoint _target;
        private long _passed;

        public Gate(string target)
        {
            _target = IPEndPoint.Parse(target);
            _listener.Start();
            Host = $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
            _ = AcceptAsync();
        }

        public string Host { get; }

        public bool IsHolding { get; private set; }

        public void Open() => _open.TrySetResult();

        public void Dispose()
        {
            Open();
            _listener.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    _ = PassAsync(await _listener.AcceptTcpClientAsync());
                }
            }
            catch (Exception end) when (end is ObjectDisposedException or SocketException)
            {
                // Disposed of.
            }
        }

        private async Task PassAsync(TcpClient client)
        {
            using TcpClient server = new();
            using (client)
            {
                await server.ConnectAsync(_target);
                Task back = server.GetStream().CopyToAsync(client.GetStream());
                try
                {
                    byte[] buffer = new byte[64 * 1024];
                    for (int read; (read = await client.GetStream().ReadAsync(buffer)) > 0;)
                    {
                        if (Interlocked.Add(ref _passed, read) > Free)
                        {
                            IsHolding = true;
                            await _open.Task;
                        }

                        await server.GetStream().WriteAsync(buffer.AsMemory(0, read));
                    }

                    server.Client.Shutdown(SocketShutdown.Send);
                    await back;
                }
                catch (IOException)
                {
                    // One side went, as sides do.
                }
            }
        }
    }
}
