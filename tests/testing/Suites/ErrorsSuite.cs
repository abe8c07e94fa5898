namespace Tare.Testing.Suites;

/// <summary>Bad input: the messages and exit codes that Docker's users know, and nothing left of the attempt.</summary>
public abstract class ErrorsSuite(DaemonFixture daemon, string client) : ClientSuite(daemon, client)
{
    [Fact]
    public void MissingCommandIs127()
    {
        CommandResult result = Client("run --rm busybox no-such-command").Exits(127);
        Assert.Contains("exec: \"no-such-command\": executable file not found in $PATH", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingPathIs127()
    {
        CommandResult result = Client("run --rm busybox /no/such/file").Exits(127);
        Assert.Contains("/no/such/file", result.Stderr, StringComparison.Ordinal);
        Assert.Contains("no such file or directory", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void NotExecutableIs126()
    {
        CommandResult result = Client("run --rm busybox /etc/passwd").Exits(126);
        Assert.Contains("permission denied", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void FailedStartLeavesAContainerThatCanBeRemoved()
    {
        string name = NewName();
        Client($"run --name {name} busybox no-such-command").Exits(127);
        Assert.Equal("created 127", Client(["inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", name]).Ok().Text);
        Client($"rm {name}").Ok();
    }

    [Theory]
    [InlineData("Foo", "repository name (library/Foo) must be lowercase")]
    [InlineData("a//b", "invalid reference format")]
    [InlineData("busybox:bad!tag", "invalid reference format")]
    public void BadReference(string image, string message)
    {
        CommandResult result = Client($"run --rm {image} true").Exits(125);
        Assert.Contains(message, result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void CreateSaysOnlyWhatIsWrong()
        => Assert.Equal("invalid reference format: repository name (library/Foo) must be lowercase", Client("create Foo true").Exits(1).Stderr.Trim());

    [Fact]
    public void UnknownImageIs125()
    {
        CommandResult result = Client("run --rm --pull never no-such-image true").Exits(125);
        Assert.Contains("No such image: no-such-image:latest", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void RegistryThatIsNotThereIs125()
    {
        CommandResult result = Client("run --rm localhost:1/no/such:image true").Exits(125);
        Assert.Contains("Unable to find image 'localhost:1/no/such:image' locally", result.Stderr, StringComparison.Ordinal);
        Assert.Contains("connection refused", result.Stderr, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void AnIdFileThatCannotBeMadeMakesNoContainer()
    {
        string name = NewName();
        string folder = Directory.CreateTempSubdirectory("tare-cidfile-").FullName;
        Assert.Contains($"failed to create the container ID file: open {folder}/none/id: no such file or directory",
            Client($"create --name {name} --cidfile {folder}/none/id busybox true").Exits(1).Stderr, StringComparison.Ordinal);
        Client($"inspect {name}").Exits(1);
        Client($"run --rm --cidfile {folder}/id --pull never no-such-image true").Exits(125);
        Assert.Empty(Directory.GetFiles(folder));
        string id = Client($"create --name {name} --cidfile {folder}/id busybox true").Ok().Text;
        Assert.Equal(id, File.ReadAllText(folder + "/id"));
        Assert.Contains($"container ID file found, make sure the other container isn't running or delete {folder}/id",
            Client($"create --cidfile {folder}/id busybox true").Exits(1).Stderr, StringComparison.Ordinal);
        Client($"rm {name}").Ok();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void NameInUse()
    {
        string name = NewName();
        Client($"create --name {name} busybox true").Ok();
        CommandResult result = Client($"run --name {name} busybox true").Exits(125);
        Assert.Contains($"Conflict. The container name \"/{name}\" is already in use by container", result.Stderr, StringComparison.Ordinal);
        Client($"rm {name}").Ok();
    }

    [Theory]
    [InlineData("run --no-such-flag busybox", "unknown flag: --no-such-flag", 125)]
    [InlineData("run --memory lots busybox", "invalid argument \"lots\" for \"-m, --memory\" flag", 125)]
    [InlineData("run --ulimit nofile busybox", "invalid argument \"nofile\" for \"--ulimit\" flag", 125)]
    [InlineData("run -v /a:/b:/c:/d busybox", "invalid", 125)]
    [InlineData("run --name _x busybox", "Invalid container name (_x)", 125)]
    public void BadFlagValues(string line, string message, int code)
        => Assert.Contains(message, Client(line).Exits(code).Stderr, StringComparison.Ordinal);

    [Theory]
    [InlineData("stop ghost", "No such container: ghost")]
    [InlineData("rm ghost", "No such container: ghost")]
    [InlineData("logs ghost", "No such container: ghost")]
    [InlineData("exec ghost true", "No such container: ghost")]
    [InlineData("attach ghost", "No such container: ghost")]
    [InlineData("kill ghost", "No such container: ghost")]
    [InlineData("rmi ghost", "No such image: ghost")]
    [InlineData("tag ghost other", "No such image: ghost")]
    public void UnknownObject(string line, string message)
        => Assert.Contains(message, Client(line).Exits(1).Stderr, StringComparison.Ordinal);

    [Fact]
    public void FailedRunsSayItOnce()
    {
        CommandResult result = Client("run --rm -u ghost busybox true").Exits(125);
        Assert.Equal(1, result.Stderr.Split("unable to find user ghost").Length - 1);
        Assert.DoesNotContain("level=error", result.Stderr, StringComparison.Ordinal);
        Assert.Contains("exec: \"\": executable file not found in $PATH", Client(["run", "--rm", "busybox", ""]).Exits(127).Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownNetworkIsNoMissingImage()
    {
        string name = NewName();
        CommandResult result = Client($"run --name {name} --network nowhere busybox true").Exits(125);
        Assert.Contains("failed to set up container networking: network nowhere not found", result.Stderr, StringComparison.Ordinal);
        Assert.DoesNotContain("Unable to find image", result.Stderr, StringComparison.Ordinal);
        Client($"rm {name}").Ok();
    }

    [Fact]
    public void MountTargetMustBeAbsolute()
        => Assert.Contains("mount path must be absolute", Client($"run --rm -v {Daemon.Root}:relative busybox true").Exits(125).Stderr, StringComparison.Ordinal);

    [Fact]
    public void SignalsThatNobodyKnows()
    {
        string name = Start();
        Assert.Contains($"cannot kill container: {name}: the linux daemon does not support signal 99", Client($"kill -s 99 {name}").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("cannot kill container: nobody: No such container: nobody", Client("kill nobody").Exits(1).Stderr, StringComparison.Ordinal);
        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void ExecInAStoppedContainer()
    {
        string name = NewName();
        Client($"run --name {name} busybox true").Ok();
        Assert.Contains("is not running", Client($"exec {name} true").Exits(1).Stderr, StringComparison.Ordinal);
        Client($"rm {name}").Ok();
    }

    [Fact]
    public void RemovingARunningContainerNeedsForce()
    {
        string name = Start();
        Assert.Contains("container is running: stop the container before removing or force remove", Client($"rm {name}").Exits(1).Stderr, StringComparison.Ordinal);
        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void FailedRunsLeaveNothing()
    {
        MachineState before = MachineState.Take(Daemon.Root + "/exec");
        string[] folders = Directory.GetFileSystemEntries(Path.Combine(Daemon.DataRoot, "containers"));
        Client("run --rm busybox no-such-command").Exits(127);
        Client("run --rm -u ghost busybox true");
        Client($"run --rm --mount type=bind,source={Daemon.Root}/nowhere,target=/data busybox true").Exits(125);
        Client("run --rm --memory 1m busybox true").Exits(125);
        before.AssertNothingNew();
        Eventually.True(() => Directory.GetFileSystemEntries(Path.Combine(Daemon.DataRoot, "containers")).Length == folders.Length, "a container folder is left");
    }
}
