namespace Tare.Testing.Suites;

/// <summary>Images: import, list, tag, inspect, remove.</summary>
public abstract class ImagesSuite(DaemonFixture daemon, string client) : ClientSuite(daemon, client)
{
    [Fact]
    public void ImportFromStdinWithChanges()
    {
        string id = Client(["import", "-c", "ENV FOO=bar", "-c", "CMD [\"sh\", \"-c\", \"echo $FOO\"]", "-c", "WORKDIR /tmp", "-m", "by a test", "-", "imported:1"], BusyboxRoot.Tar).Ok().Text;
        Assert.Matches("^sha256:[0-9a-f]{64}$", id);
        Assert.Equal("bar", Client("run --rm imported:1").Ok().Text);
        Assert.Equal("/tmp", Client(["inspect", "-f", "{{.Config.WorkingDir}}", "imported:1"]).Ok().Text);
        Assert.Contains("\"FOO=bar\"", Client(["inspect", "-f", "{{json .Config.Env}}", "imported:1"]).Ok().Text, StringComparison.Ordinal);
        Client("rmi imported:1").Ok();
    }

    [Fact]
    public void ImportFromACompressedFile()
    {
        string file = Path.Combine(Daemon.Root, "root.tar.gz");
        using (System.IO.Compression.GZipStream gzip = new(File.Create(file), System.IO.Compression.CompressionLevel.Fastest))
        {
            gzip.Write(BusyboxRoot.Tar);
        }

        Client($"import {file} fromfile:1").Ok();
        Assert.Equal("ok", Client("run --rm fromfile:1 /bin/echo ok").Ok().Text);
        Client("rmi fromfile:1").Ok();
    }

    [Fact]
    public void TagListAndRemove()
    {
        Client("tag busybox localhost:5000/team/tool:v2").Ok();
        Assert.Contains("localhost:5000/team/tool", Client("images").Ok().Stdout, StringComparison.Ordinal);
        string id = Client("images -q busybox").Ok().Text;
        Assert.Matches("^[0-9a-f]{12}$", id);
        Assert.Equal("Untagged: localhost:5000/team/tool:v2\n", Client("rmi localhost:5000/team/tool:v2").Ok().Stdout);
        Assert.Equal(id, Client("images -q busybox").Ok().Text);
    }

    [Fact]
    public void RemovedImageIsGoneFromTheDisk()
    {
        byte[] tar = [.. BusyboxRoot.Tar];
        Client(["import", "-", "short:lived"], tar).Ok();
        string[] before = Directory.GetFileSystemEntries(Path.Combine(Daemon.DataRoot, "layers"));
        CommandResult result = Client("rmi short:lived").Ok();
        Assert.Contains("Deleted: sha256:", result.Stdout, StringComparison.Ordinal);
        Assert.True(Directory.GetFileSystemEntries(Path.Combine(Daemon.DataRoot, "layers")).Length <= before.Length);
    }

    [Fact]
    public void ImageOfAContainerStays()
    {
        Client(["import", "-c", "CMD [\"true\"]", "-", "held:1"], BusyboxRoot.Tar).Ok();
        string name = NewName();
        Client($"create --name {name} held:1 /bin/true").Ok();
        Assert.Contains("conflict", Client("rmi held:1").Exits(1).Stderr, StringComparison.OrdinalIgnoreCase);
        Client($"rm {name}").Ok();
        Client("rmi held:1").Ok();
    }

    [Fact]
    public void ForcedRemovalOfARunningContainersImageTakesItsNameOnly()
    {
        Client(["import", "-c", "CMD [\"sleep\", \"100\"]", "-", "forced:1"], BusyboxRoot.Tar).Ok();
        string name = NewName();
        Client($"run -d --name {name} forced:1 sleep 100").Ok();
        string id = Client(["inspect", "-f", "{{.Image}}", name]).Ok().Text;
        Assert.Equal("Untagged: forced:1\n", Client("rmi -f forced:1").Ok().Stdout);
        Assert.Equal(id["sha256:".Length..][..12], Client(["ps", "-f", $"name={name}", "--format", "{{.Image}}"]).Ok().Text);
        Assert.Contains("(cannot be forced) - image is being used by running container", Client($"rmi -f {id}").Exits(1).Stderr, StringComparison.Ordinal);
        Client($"rm -f {name}").Ok();
        Assert.Contains("Deleted: " + id, Client($"rmi {id}").Ok().Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherPlatformIsNotTakenFromWhatIsThere()
        => Assert.Contains("does not match the specified platform", Client("run --rm --pull never --platform linux/s390x busybox true").Exits(125).Stderr, StringComparison.Ordinal);

    [Fact]
    public void ImportOfRubbishIsAnErrorAndLeavesNothing()
    {
        int before = Directory.GetFileSystemEntries(Path.Combine(Daemon.DataRoot, "content", "sha256")).Length;
        byte[] truncated = BusyboxRoot.Tar[..(BusyboxRoot.Tar.Length / 2)];
        Assert.NotEqual(0, Client(["import", "-", "bad:1"], truncated).ExitCode);
        Assert.Equal("", Client("images -q bad:1").Ok().Text);
        Assert.Equal(before, Directory.GetFileSystemEntries(Path.Combine(Daemon.DataRoot, "content", "sha256")).Length);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(Daemon.DataRoot, "content", "ingest")));
    }

    [Fact]
    public void VersionAndInfoAnswer()
    {
        Assert.NotEqual("", Client(["version", "-f", "{{.Server.Version}}"]).Ok().Text);
        Assert.Contains("Storage Driver: overlay", Client("info").Ok().Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public void SharedLayersCountOnceInSystemDf()
    {
        long before = LayersSize();
        string[] images = [NewName("shared") + ":1", NewName("shared") + ":2"];
        foreach (string image in images)
        {
            string name = NewName();
            Client(["run", "--name", name, "busybox", "sh", "-c", $"head -c 100000 /dev/urandom > /{name}"]).Ok();
            Client($"commit {name} {image}").Ok();
            Client($"rm {name}").Ok();
        }

        // The layers of busybox are there once, whatever stands above them.
        Assert.InRange(LayersSize() - before, 200_000, 220_000);
        Client($"rmi {images[0]} {images[1]}").Ok();
        Assert.Equal(before, LayersSize());
    }

    private long LayersSize()
    {
        CommandResult answer = Command.Run("/usr/bin/curl", ["-s", "--unix-socket", Daemon.Socket, "http://d/v1.51/system/df"]).Ok();
        using System.Text.Json.JsonDocument document = System.Text.Json.JsonDocument.Parse(answer.Stdout);
        return document.RootElement.GetProperty("LayersSize").GetInt64();
    }
}
