namespace Tare.Testing.Suites;

/// <summary>Volumes of the local driver, mounts of images, <c>system df</c> and pruning.</summary>
public abstract class VolumesSuite(DaemonFixture daemon, string client) : ClientSuite(daemon, client)
{
    [Fact]
    public void ATmpfsVolumeIsOneForAllContainersThatRunAndGoesWithTheLast()
    {
        string volume = NewName("v");
        Client(["volume", "create", "--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", "o=size=1m,uid=1000", volume]).Ok();
        string first = Start($"-v {volume}:/x");
        string second = Start($"-v {volume}:/y");
        Client(["exec", first, "sh", "-c", "echo shared > /x/f"]).Ok();
        Assert.Equal("shared", Client(["exec", second, "cat", "/y/f"]).Ok().Text);
        Assert.Equal("1000 1024", Client(["exec", second, "sh", "-c", "echo $(stat -c %u /y) $(df /y | tail -1 | tr -s ' ' | cut -d ' ' -f 2)"]).Ok().Text);
        Client(["rm", "-f", first]).Ok();
        Assert.Equal("shared", Client(["exec", second, "cat", "/y/f"]).Ok().Text);
        Daemon.KillDaemon();
        Daemon.StartDaemon();
        Assert.Equal("shared", Client(["exec", second, "cat", "/y/f"]).Ok().Text);
        Client(["rm", "-f", second]).Ok();
        Eventually.True(() => !File.ReadAllText("/proc/self/mountinfo").Contains($"/{volume}/", StringComparison.Ordinal), "the volume stays mounted");
        Assert.Equal("", Sh($"-v {volume}:/x", "ls /x").Ok().Text);
        Client(["volume", "rm", volume]).Ok();
    }

    [Fact]
    public void ABindVolumeShowsAFolderOfTheMachine()
    {
        string folder = Directory.CreateTempSubdirectory("tare-volume-").FullName;
        File.WriteAllText(folder + "/file", "inside");
        string volume = NewName("v");
        Client(["volume", "create", "--opt", "type=none", "--opt", "o=bind,ro", "--opt", "device=" + folder, volume]).Ok();
        CommandResult result = Sh($"-v {volume}:/x", "cat /x/file; touch /x/new");
        Assert.Equal("inside", result.Exits(1).Stdout);
        Assert.Contains("Read-only file system", result.Stderr, StringComparison.Ordinal);
        Client(["volume", "rm", volume]).Ok();
        Assert.True(File.Exists(folder + "/file"), "the content of a bind mount was removed with the volume");
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("bad=1", "invalid option: \"bad\"")]
    [InlineData("type=tmpfs", "missing required option: \"device\"")]
    [InlineData("device=tmpfs", "missing required option: \"type\"")]
    public void WrongOptionsAreRefusedInDockersWords(string option, string message)
        => Assert.Contains($"create odd: {message}", Client(["volume", "create", "--opt", option, "odd"]).Exits(1).Stderr, StringComparison.Ordinal);

    [Fact]
    public void AVolumeThatCannotBeMountedFailsTheStart()
    {
        string volume = NewName("v");
        Client(["volume", "create", "--opt", "type=none", "--opt", "o=bind", "--opt", "device=/nowhere", volume]).Ok();
        CommandResult result = Client(["run", "--rm", "-v", volume + ":/x", "busybox", "true"]);
        Assert.True(result.ExitCode is 125 or 127, "exit " + result.ExitCode);
        Assert.Contains("failed to mount local volume: mount /nowhere:", result.Stderr, StringComparison.Ordinal);
        Client(["volume", "rm", volume]).Ok();
    }

    [Fact]
    public void AnImageCanBeMounted()
    {
        Assert.Contains("busybox", Client(["run", "--rm", "--mount", "type=image,src=busybox,dst=/i", "busybox", "ls", "/i/bin"]).Ok().Stdout, StringComparison.Ordinal);
        CommandResult result = Client(["run", "--rm", "--mount", "type=image,src=busybox,dst=/i,image-subpath=bin", "busybox", "sh", "-c", "test -e /i/busybox && touch /i/x"]);
        Assert.Contains("Read-only file system", result.Exits(1).Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void DiskUsageIsCountedAndPruned()
    {
        string volume = NewName("v");
        string name = NewName();
        Client(["run", "--name", name, "-v", volume + ":/x", "busybox", "sh", "-c", "head -c 3000000 /dev/zero > /x/f; head -c 2000000 /dev/zero > /g"]).Ok();
        string usage = Client(["system", "df", "--format", "{{.Type}}|{{.TotalCount}}|{{.Active}}|{{.Size}}|{{.Reclaimable}}"]).Ok().Text;
        Assert.Matches(@"Containers\|\d+\|0\|2MB\|2MB \(100%\)", usage);
        Assert.Matches(@"Local Volumes\|\d+\|1\|3MB\|", usage);
        Assert.Contains(volume, Client(["system", "df", "-v"]).Ok().Stdout, StringComparison.Ordinal);
        string pruned = Client(["container", "prune", "-f"]).Ok().Stdout;
        Assert.StartsWith("Deleted Containers:\n", pruned, StringComparison.Ordinal);
        Assert.EndsWith("Total reclaimed space: 2MB\n", pruned, StringComparison.Ordinal);
        Assert.Contains("Total reclaimed space: 3MB", Client(["volume", "prune", "-a", "-f"]).Ok().Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public void AnImageThatIsMountedCannotBeRemoved()
    {
        string image = NewName("mounted") + ":1";
        Client(["import", "-", image], BusyboxRoot.Tar).Ok();
        string name = NewName();
        Client(["create", "--name", name, "--mount", $"type=image,src={image},dst=/img", "busybox", "ls", "/img/bin/busybox"]).Ok();
        string id = Client(["inspect", "-f", "{{.Id}}", image]).Ok().Text;
        Assert.Contains("image is being used by stopped container", Client(["rmi", "-f", id]).Stderr, StringComparison.Ordinal);
        Client($"start -a {name}").Ok();
        Client($"rm {name}").Ok();
        Client($"rmi {image}").Ok();
    }
}
