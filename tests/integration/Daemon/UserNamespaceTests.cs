namespace Tare.IntegrationTests.Daemon;

/// <summary>Containers in user namespaces (<c>userns-remap</c>): inside, everything is as ever; outside, root is nobody of importance.</summary>
public sealed class UserNamespaceTests(RemappedDaemon daemon) : IClassFixture<RemappedDaemon>
{
    [Fact]
    public void ContainersHaveIdsOfTheirOwn()
    {
        Assert.Contains("\"name=userns\"", daemon.Docker(["info", "--format", "{{json .SecurityOptions}}"]).Ok().Text, StringComparison.Ordinal);
        string script = "id -u; tr -s ' ' < /proc/self/uid_map; tr -s ' ' < /proc/self/gid_map; mkdir /d; echo x > /d/f; chown 33:34 /d/f; ls -ln /d | tail -1 | awk '{print $3, $4}'; stat -c '%u %g' /bin/busybox";
        Assert.Equal("0\n 0 300000 65536\n 0 400000 65536\n33 34\n0 0\n", daemon.Docker(["run", "--name", "own", "busybox", "sh", "-c", script]).Ok().Stdout);

        // On the disk stands what the container sees, so that layers are the same with and without a user namespace.
        string id = daemon.Docker("inspect -f {{.Id}} own").Ok().Text;
        Assert.Equal("33 34", Command.Run("/bin/stat", ["-c", "%u %g", $"{daemon.DataRoot}/containers/{id}/upper/d/f"]).Ok().Text);
        Assert.Equal("700", Command.Run("/bin/stat", ["-c", "%a", $"{daemon.DataRoot}/containers"]).Ok().Text);
        daemon.Docker("rm own").Ok();
        Assert.Equal("0 0", daemon.Docker(["run", "--rm", "busybox", "stat", "-c", "%u %g", "/bin/busybox"]).Ok().Text);
    }

    [Fact]
    public void AContainerCanStayInTheHostsNamespace()
    {
        Assert.Equal("0 0 4294967295\n0 0", daemon.Docker(["run", "--rm", "--userns", "host", "busybox", "sh", "-c", "echo $(cat /proc/self/uid_map); stat -c '%u %g' /bin/busybox"]).Ok().Text);
        Assert.Equal("1", daemon.Docker(["run", "--rm", "--userns", "host", "--privileged", "--pid", "host", "--net", "host", "busybox", "sh", "-c", "mkdir /m && mount -t tmpfs t /m && echo 1"]).Ok().Text);
    }

    [Theory]
    [InlineData("--privileged", "privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode")]
    [InlineData("--net=host", "cannot share the host's network namespace when user namespaces are enabled")]
    [InlineData("--pid=host", "cannot share the host PID namespace when user namespaces are enabled")]
    public void WhatCannotBeIsRefused(string option, string message)
    {
        CommandResult result = daemon.Docker(["run", "--rm", option, "busybox", "true"]);
        Assert.Contains("Error response from daemon: " + message, result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void BindsAreAsTheyAreAndVolumesBelongToTheRemappedRoot()
    {
        string folder = daemon.Root + "/bind";
        Directory.CreateDirectory(folder);
        File.WriteAllText(folder + "/host", "");
        File.SetUnixFileMode(folder, (UnixFileMode)0x1FF);
        Assert.Equal("65534 65534", daemon.Docker(["run", "--rm", "-v", folder + ":/b", "busybox", "sh", "-c", "touch /b/made; stat -c '%u %g' /b/host"]).Ok().Text);
        Assert.Equal("300000 400000", Owner(folder + "/made"));

        daemon.Docker(["run", "--name", "filling", "busybox", "sh", "-c", "mkdir /data; echo x > /data/f; chown 5:6 /data/f"]).Ok();
        daemon.Docker("commit filling filled").Ok();
        daemon.Docker("rm filling").Ok();
        Assert.Equal("0 0\n5 6", daemon.Docker(["run", "--rm", "-v", "filled:/data", "filled", "stat", "-c", "%u %g", "/data", "/data/f"]).Ok().Text);
        Assert.Equal("300000 400000", Owner(daemon.DataRoot + "/volumes/filled/_data"));
        Assert.Equal("300005 400006", Owner(daemon.DataRoot + "/volumes/filled/_data/f"));
        Assert.Equal("0 0", daemon.Docker(["run", "--rm", "-v", "/anonymous", "busybox", "sh", "-c", "touch /anonymous/f; stat -c '%u %g' /anonymous"]).Ok().Text);
        daemon.Docker("volume rm filled").Ok();
        daemon.Docker("rmi filled").Ok();
    }

    [Fact]
    public void AnImageOfManyLayersRuns()
    {
        using Registry registry = new($"{daemon.Root}/registry");
        registry.Push("many", "1", Images.ManyLayersTests.ManyLayers());
        daemon.Docker($"pull -q {registry.Host}/many:1").Ok();
        Assert.Equal("77 0 0", daemon.Docker(["run", "--rm", $"{registry.Host}/many:1", "sh", "-c", "echo $(cat /f/77) $(stat -c '%u %g' /f/12)"]).Ok().Text);
        daemon.Docker($"rmi {registry.Host}/many:1").Ok();
    }

    [Fact]
    public void TheMachinesFilesAndMemoryAreThere()
    {
        string script = "echo a > /t/a; echo b > /dev/shm/b; echo c > /dev/null; stat -c '%u %g' /t /t/a /dev/shm /etc/hosts /etc/resolv.conf /etc/hostname; echo '# mine' >> /etc/hosts; cat /etc/hosts | tail -1; "
            + "cat /sys/class/net/lo/mtu > /dev/stdout; ls /sys/fs/cgroup | wc -l | awk '{print ($1 > 0)}'; cat /proc/sys/net/ipv4/ip_unprivileged_port_start; cat /proc/sys/net/ipv4/conf/all/forwarding; ip link set lo down && echo down";
        string seen = daemon.Docker(["run", "--rm", "--tmpfs", "/t", "--cap-add", "NET_ADMIN", "--sysctl", "net.ipv4.conf.all.forwarding=1", "busybox", "sh", "-c", script]).Ok().Stdout;
        Assert.Equal("0 0\n0 0\n0 0\n0 0\n0 0\n0 0\n# mine\n65536\n1\n0\n1\ndown\n", seen);
        Assert.Equal("out\n", daemon.Docker(["run", "--rm", "-u", "7:7", "busybox", "sh", "-c", "echo out > /dev/stdout; echo err > /dev/stderr"]).Ok().Stdout);
        Assert.Equal("128", daemon.Docker(["run", "--rm", "--read-only", "--ulimit", "nofile=128", "-m", "64m", "busybox", "sh", "-c", "ulimit -n"]).Ok().Text);
        Assert.Contains("kmsg", daemon.Docker(["run", "--rm", "--device", "/dev/kmsg", "busybox", "ls", "/dev"]).Ok().Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public void ARunningContainerIsServed()
    {
        daemon.Docker(["run", "-d", "--init", "--name", "served", "--health-cmd", "test $(id -u) = 0", "--health-interval", "200ms", "busybox", "sh", "-c", "echo begun; exec sleep 1000"]).Ok();
        Assert.Equal("0 1 300000", daemon.Docker(["exec", "served", "sh", "-c", "echo $(id -u) $(echo hi > /dev/stderr 2>/dev/null; echo 1) $(awk '{print $2}' /proc/self/uid_map)"]).Ok().Text);
        Assert.Equal("7", daemon.Docker(["exec", "-u", "7", "served", "sh", "-c", "id -u > /dev/stdout"]).Ok().Text);
        Eventually.True(() => daemon.Docker(["inspect", "-f", "{{.State.Health.Status}}", "served"]).Text == "healthy", "it does not become healthy");
        daemon.Docker("pause served").Ok();
        daemon.Docker("unpause served").Ok();
        daemon.Docker("restart -t 0 served").Ok();
        daemon.StopDaemon();
        daemon.StartDaemon();
        Assert.Equal("begun\nbegun", daemon.Docker("logs served").Ok().Text);
        Assert.Equal("300000", daemon.Docker(["exec", "served", "awk", "{print $2}", "/proc/self/uid_map"]).Ok().Text);
        daemon.Docker("rm -f served").Ok();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ArchivesHoldTheContainersIds(bool running)
    {
        string name = running ? "archived-live" : "archived";
        daemon.Docker(["run", "-d", "--name", name, "-v", $"{name}:/vol", "busybox", "sh", "-c", "mkdir /d; touch /d/f /vol/f; chown 11:12 /d/f /vol/f; echo ready; exec sleep 1000"]).Ok();
        Eventually.True(() => daemon.Docker(["logs", name]).Stdout.Contains("ready", StringComparison.Ordinal), "it is not ready");
        if (!running)
        {
            daemon.Docker(["stop", "-t", "0", name]).Ok();
        }

        Assert.Equal(["0/0 d/", "11/12 d/f"], Listed(daemon.Docker(["cp", name + ":/d", "-"])));
        Assert.Equal(["0/0 vol/", "11/12 vol/f"], Listed(daemon.Docker(["cp", name + ":/vol", "-"])));
        string file = $"{daemon.Root}/{name}";
        daemon.Docker(["export", "-o", file, name]).Ok();
        Assert.Contains(" 11/12 ", Command.Run("/bin/tar", ["-tvf", file, "--numeric-owner", "d/f"]).Ok().Text, StringComparison.Ordinal);
        File.WriteAllText(file, "in");
        Command.Run("/bin/chown", ["21:22", file]).Ok();
        daemon.Docker(["cp", "-a", file, name + ":/d/in"]).Ok();
        Assert.Equal(["21/22 in"], Listed(daemon.Docker(["cp", name + ":/d/in", "-"])));
        Assert.Equal("A /d", daemon.Docker(["diff", name]).Ok().Text.Split('\n').Single(line => line.EndsWith("/d", StringComparison.Ordinal)));
        daemon.Docker(["commit", name, name]).Ok();
        Assert.Equal("11 12\n21 22", daemon.Docker(["run", "--rm", name, "stat", "-c", "%u %g", "/d/f", "/d/in"]).Ok().Text);
        Assert.Equal("11 12\n21 22", daemon.Docker(["run", "--rm", "--userns", "host", name, "stat", "-c", "%u %g", "/d/f", "/d/in"]).Ok().Text);
        daemon.Docker(["rm", "-f", "-v", name]).Ok();
        daemon.Docker(["volume", "rm", name]).Ok();
        daemon.Docker(["rmi", name]).Ok();
    }

    [Fact]
    public void NamespacesAreSharedWithTheirUserNamespace()
    {
        daemon.Docker(["run", "-d", "--name", "donor", "--ipc", "shareable", "busybox", "sh", "-c", "echo x > /dev/shm/x; exec sleep 1000"]).Ok();
        string user = daemon.Docker("exec donor readlink /proc/self/ns/user").Ok().Text;
        string net = daemon.Docker("exec donor readlink /proc/self/ns/net").Ok().Text;
        Assert.Equal($"{user}\n{net}", daemon.Docker(["run", "--rm", "--net", "container:donor", "busybox", "sh", "-c", "readlink /proc/self/ns/user; readlink /proc/self/ns/net"]).Ok().Text);
        Assert.Equal("x", daemon.Docker(["run", "--rm", "--ipc", "container:donor", "busybox", "cat", "/dev/shm/x"]).Ok().Text);
        Assert.Equal("sleep", daemon.Docker(["run", "--rm", "--pid", "container:donor", "busybox", "cat", "/proc/1/comm"]).Ok().Text);
        daemon.Docker(["run", "-d", "--name", "beside", "--net", "container:donor", "busybox", "sh", "-c", "[ $$ = 1 ] && exec sleep 1000"]).Ok();
        Assert.Equal("0", daemon.Docker(["exec", "beside", "id", "-u"]).Ok().Text);
        Assert.Contains("non-shareable IPC", daemon.Docker(["run", "--rm", "--ipc", "container:beside", "busybox", "true"]).Stderr, StringComparison.Ordinal);
        daemon.Docker(["run", "-d", "--name", "outside", "--userns", "host", "busybox", "sleep", "1000"]).Ok();
        Assert.Contains("in the host's user namespace", daemon.Docker(["run", "--rm", "--net", "container:outside", "busybox", "true"]).Stderr, StringComparison.Ordinal);
        Assert.Equal("0", daemon.Docker(["run", "--rm", "--userns", "host", "--net", "container:donor", "busybox", "id", "-u"]).Ok().Text);
        daemon.Docker("rm -f outside").Ok();
        daemon.Docker("stop -t 0 beside").Ok();
        daemon.Docker("rm -f donor beside").Ok();
    }

    private static string Owner(string path) => Command.Run("/bin/stat", ["-c", "%u %g", path]).Ok().Text;

    private static List<string> Listed(CommandResult archive)
    {
        string listing = Command.Run("/bin/tar", ["-tv", "--numeric-owner"], System.Text.Encoding.UTF8.GetBytes(archive.Ok().Stdout)).Ok().Text;
        return [.. listing.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(words => $"{words[1]} {words[^1]}")];
    }
}
