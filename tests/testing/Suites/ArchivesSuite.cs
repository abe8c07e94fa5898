namespace Tare.Testing.Suites;

/// <summary>Files of containers: export, diff, cp, commit.</summary>
public abstract class ArchivesSuite(DaemonFixture daemon, string client) : ClientSuite(daemon, client)
{
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(daemon.Root, "files-" + Guid.NewGuid().ToString("N"))).FullName;

    [Fact]
    public void DiffTellsWhatChanged()
    {
        string name = Start();
        Client(["exec", name, "sh", "-c", "echo x >/tmp/new; mkdir -p /made/deep; rm /etc/group; chmod 700 /var; echo y >>/etc/passwd; rm -r /home; mkdir /home; echo z >/home/other"]).Ok();
        string[] changes = Client($"diff {name}").Ok().Text.Split('\n');
        Array.Sort(changes, StringComparer.Ordinal);
        Assert.Equal(["A /home/other", "A /made", "A /made/deep", "A /tmp/new", "C /etc", "C /etc/passwd", "C /home", "C /tmp", "C /var", "D /etc/group", "D /home/user"], changes);
        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void AContainerThatChangedNothingHasNoDiff()
    {
        string name = Start();
        Assert.Equal("", Client($"diff {name}").Ok().Stdout);
        Client($"rm -f {name}").Ok();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ExportHoldsTheRootWithoutWhatIsMounted(bool running)
    {
        string name = Start("-v /vol --tmpfs /mem", "echo x >/tmp/new; echo x >/vol/hidden; echo x >/mem/hidden; rm /etc/group; sleep 1000");
        Eventually.True(() => Client($"exec {name} ls /etc/group").ExitCode != 0, "the container's script does not run");
        if (!running)
        {
            Client($"kill {name}").Ok();
        }

        string file = Path.Combine(_folder, "export.tar");
        Client($"export -o {file} {name}").Ok();
        string[] names = Command.Run("/bin/tar", ["-tf", file]).Ok().Text.Split('\n');
        Assert.Contains("tmp/new", names);
        Assert.Contains("vol/", names);
        Assert.DoesNotContain("vol/hidden", names);
        Assert.DoesNotContain("mem/hidden", names);
        Assert.DoesNotContain("etc/group", names);
        Client($"rm -f -v {name}").Ok();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CopiesGoInAndOut(bool running)
    {
        string name = NewName();
        Client($"{(running ? "run -d" : "create")} --name {name} -v data:/data --tmpfs /mem busybox sleep 1000").Ok();
        string source = Path.Combine(_folder, "source");
        Directory.CreateDirectory(source + "/sub");
        File.WriteAllText(source + "/file", "content");
        File.WriteAllText(source + "/sub/inner", "inner");
        File.CreateSymbolicLink(source + "/link", "file");
        Client($"cp {source} {name}:/made").Ok();
        Client($"cp {source} {name}:/made").Ok(); // now it is there: one folder further down
        Client($"cp {source}/. {name}:/data").Ok();
        Client($"cp {source}/file {name}:/data/renamed").Ok();
        string back = Path.Combine(_folder, "back");
        Client($"cp {name}:/made {back}").Ok();
        Assert.Equal("inner", File.ReadAllText(back + "/source/sub/inner"));
        Assert.Equal("file", new FileInfo(back + "/link").LinkTarget);
        Client($"cp {name}:/data/renamed {_folder}/one").Ok();
        Assert.Equal("content", File.ReadAllText(_folder + "/one"));
        Client($"cp -L {name}:/made/link {_folder}/followed").Ok();
        Assert.Null(new FileInfo(_folder + "/followed").LinkTarget);
        Assert.Equal("content", File.ReadAllText(_folder + "/followed"));
        // What was copied is in the volume, not hidden below it.
        Assert.Equal("inner", Client("run --rm -v data:/d busybox cat /d/sub/inner").Ok().Text);
        Client($"rm -f {name}").Ok();
        Client("volume rm data").Ok();
    }

    [Fact]
    public void CopiesOfArchives()
    {
        string name = Start();
        string tar = Path.Combine(_folder, "in.tar");
        File.WriteAllText(_folder + "/a", "x");
        Command.Run("/bin/tar", ["-C", _folder, "-cf", tar, "--owner=1234", "--group=55", "a"]).Ok();
        Client(["cp", "-", $"{name}:/tmp"], File.ReadAllBytes(tar)).Ok();
        Assert.Equal("1234 55", Client(["exec", name, "stat", "-c", "%u %g", "/tmp/a"]).Ok().Text);
        Assert.Contains("must be a directory", Client(["cp", "-", $"{name}:/etc/passwd"], File.ReadAllBytes(tar)).Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("root:", Client($"cp {name}:/etc/passwd -").Ok().Stdout, StringComparison.Ordinal);
        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void LinksOfTheContainerStayInside()
    {
        string name = Start();
        string secret = Path.Combine(_folder, "secret");
        File.WriteAllText(secret, "secret");
        Client(["exec", name, "ln", "-s", _folder, "/tmp/out"]).Ok();
        Client(["exec", name, "ln", "-s", "../../../../../../../../.." + _folder, "/tmp/up"]).Ok();
        File.WriteAllText(_folder + "/planted", "planted");
        Assert.Contains("Could not find the file", Client($"cp {name}:/tmp/out/secret -").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("Could not find the file", Client($"cp {name}:/tmp/up/secret -").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.NotEqual(0, Client($"cp {_folder}/planted {name}:/tmp/out/new").ExitCode);
        Assert.False(File.Exists(_folder + "/new"));
        Client($"rm -f {name}").Ok();
    }

    [Fact]
    public void ReadOnlyPlacesAreRefused()
    {
        string name = NewName();
        Directory.CreateDirectory(_folder + "/ro");
        File.WriteAllText(_folder + "/f", "x");
        Client($"create --name {name} --read-only -v {_folder}/ro:/ro:ro -v ron:/rw busybox true").Ok();
        Assert.Contains("container rootfs is marked read-only", Client($"cp {_folder}/f {name}:/tmp").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("mounted volume is marked read-only", Client($"cp {_folder}/f {name}:/ro").Exits(1).Stderr, StringComparison.Ordinal);
        Client($"cp {_folder}/f {name}:/rw").Ok();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder + "/ro"));
        Client($"rm {name}").Ok();
        Client("volume rm ron").Ok();
    }

    [Fact]
    public void ErrorsOfCopies()
    {
        string name = Start();
        File.WriteAllText(_folder + "/f", "x");
        Assert.Contains($"Could not find the file /nope in container {name}", Client($"cp {name}:/nope -").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("no such directory", Client($"cp {_folder}/f {name}:/nope/").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("cannot copy directory", Client($"cp {_folder} {name}:/etc/passwd").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("copying between containers is not supported", Client($"cp {name}:/etc/passwd {name}:/tmp").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("must specify at least one container source", Client("cp a b").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("No such container: missing", Client($"cp {_folder}/f missing:/tmp").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("invalid output path", Client($"cp {name}:/etc/passwd {_folder}/nope/x").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("cannot overwrite directory", Client($"cp {_folder}/f {name}:/etc").Ok().Stderr + Collide(name), StringComparison.Ordinal);
        Client($"rm -f {name}").Ok();
    }

    // A file "f" in the way of a folder "f".
    private string Collide(string name)
    {
        Client(["exec", name, "sh", "-c", "rm /etc/f; mkdir /etc/f"]).Ok();
        return Client($"cp {_folder}/f {name}:/etc").Exits(1).Stderr;
    }

    [Fact]
    public void CommitKeepsWhatTheContainerDid()
    {
        string name = Start("-w /tmp");
        Client(["exec", name, "sh", "-c", "rm -r /home; mkdir /home; echo new >/home/new; rm /etc/group; ln /etc/passwd /etc/hard; chown 5:6 /var; touch -d @1000000000 /var"]).Ok();
        string id = Client(["commit", "-a", "someone", "-m", "a remark", "-c", "ENV ADDED=yes", "-c", "CMD [\"cat\", \"/home/new\"]", name, "committed:1"]).Ok().Text;
        Assert.Matches("^sha256:[0-9a-f]{64}$", id);
        Assert.Equal("new", Client("run --rm committed:1").Ok().Text);
        Assert.Equal("new\n5 6 1000000000\n2\nyes\n/tmp",
            Client(["run", "--rm", "committed:1", "sh", "-c", "ls /home; stat -c '%u %g %Y' /var; stat -c %h /etc/passwd; echo $ADDED; pwd; ls /etc/group 2>/dev/null"]).Exits(1).Text);
        Assert.Equal("someone a remark", Client(["inspect", "-f", "{{.Author}} {{.Comment}}", "committed:1"]).Ok().Text);
        Assert.StartsWith("a remark", Client(["history", "--format", "{{.Comment}}", "committed:1"]).Ok().Text, StringComparison.Ordinal);
        Assert.Equal("running", Client(["inspect", "-f", "{{.State.Status}}", name]).Ok().Text);
        Client($"rm -f {name}").Ok();
        Client("rmi committed:1").Ok();
    }

    [Fact]
    public void TheSameContainerGivesTheSameLayerTwice()
    {
        string name = Start();
        Client(["exec", name, "sh", "-c", "mkdir -p /z/a /z/b; echo 1 >/z/b/f; echo 2 >/z/a/f; rm /etc/group"]).Ok();
        Client($"commit {name} twice:1").Ok();
        Client($"commit {name} twice:2").Ok();
        string Layers(string image) => Client(["inspect", "-f", "{{.RootFS.Layers}}", image]).Ok().Text;
        Assert.Equal(Layers("twice:1"), Layers("twice:2"));
        Client($"rm -f {name}").Ok();
        Client("rmi twice:1 twice:2").Ok();
    }

    [Fact]
    public void ErrorsOfCommit()
    {
        string name = Start();
        Assert.Contains("FOO is not a valid change command", Client(["commit", "-c", "FOO x", name]).Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("No such container: missing", Client("commit missing").Exits(1).Stderr, StringComparison.Ordinal);
        Assert.Contains("must be lowercase", Client($"commit {name} UPPER").Exits(1).Stderr, StringComparison.Ordinal);
        Client($"rm -f {name}").Ok();
    }
}
