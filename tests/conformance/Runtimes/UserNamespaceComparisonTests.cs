namespace Tare.ConformanceTests.Runtimes;

/// <summary>A tared and a genuine dockerd, both with <c>userns-remap</c>: what containers see of owners, and what is refused, is the same.</summary>
public sealed class UserNamespaceComparisonTests(UserNamespaceComparisonTests.RemappedDaemons daemons) : IClassFixture<UserNamespaceComparisonTests.RemappedDaemons>
{
    private const string Owners = "stat -c '%u %g %a %n'";

    /// <summary>The two daemons; their ranges differ, so nothing here prints them. dockerd runs runc.</summary>
    public sealed class RemappedDaemons : IDisposable
    {
        public RemappedDaemon Tare { get; } = new();

        public DockerdFixture Docker { get; } = new RemappedDockerd();

        public void Dispose()
        {
            try
            {
                Docker.Dispose();
            }
            finally
            {
                Tare.Dispose();
            }
        }

        private sealed class RemappedDockerd : DockerdFixture
        {
            protected override string Arguments => "--userns-remap default";
        }
    }

    [Theory]
    [InlineData("run --rm --runtime runc busybox sh -c", "id; awk '{print $1, $3}' /proc/self/uid_map /proc/self/gid_map; " + Owners + " / /bin /bin/busybox /etc /tmp")]
    [InlineData("run --rm --runtime runc busybox sh -c", "touch /n; mkdir /d; chown 5:6 /n /d; chmod 4755 /n; ln /n /d/l; chown 7 /bin/busybox; " + Owners + " /n /d /d/l /bin/busybox")]
    [InlineData("run --rm --runtime runc -u 1000:1000 busybox sh -c", "id; touch /tmp/mine && " + Owners + " /tmp/mine; touch /not; echo out > /dev/stdout")]
    [InlineData("run --rm --runtime runc busybox sh -c", Owners + " /dev/null /dev/shm /dev/pts /proc /proc/self /sys /etc/hosts /etc/resolv.conf /etc/hostname; echo >> /etc/hosts; echo $?; mount -t tmpfs t /tmp; echo $?")]
    [InlineData("run --rm --runtime runc --cap-add SYS_ADMIN --cap-add NET_ADMIN busybox sh -c", "mount -t tmpfs t /tmp; echo $?; ip link set lo down; echo $?; hostname other; hostname; mknod /tmp/n c 1 3 2>&1; date -s 2020-01-01 2>&1 | head -1")]
    [InlineData("run --rm --runtime runc --sysctl net.ipv4.ip_forward=1 busybox sh -c", "cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/ip_unprivileged_port_start")]
    [InlineData("run --rm --runtime runc --tmpfs /t --tmpfs /u:uid=8,gid=9 -v /anonymous busybox sh -c", "touch /t/f /u/f /anonymous/f; " + Owners + " /t /t/f /u /u/f /anonymous /anonymous/f")]
    [InlineData("run --rm --runtime runc --read-only --uts host busybox sh -c", "touch /x 2>&1; " + Owners + " /")]
    [InlineData("run --rm --runtime runc --userns host busybox sh -c", "cat /proc/self/uid_map; id -u")]
    [InlineData("run --rm --runtime runc --userns host --privileged --net host --pid host busybox sh -c", "mount -t tmpfs t /tmp; echo $?")]
    [InlineData("run --rm --runtime runc --privileged busybox sh -c", "true")]
    [InlineData("run --rm --runtime runc --net host busybox sh -c", "true")]
    [InlineData("run --rm --runtime runc --pid host busybox sh -c", "true")]
    public void ContainersSeeTheSame(string options, string script)
    {
        string[] arguments = [.. options.Split(' '), script];
        Assert.Equal(Told(daemons.Docker.Docker(arguments)), Told(daemons.Tare.Docker(arguments)));
    }

    [Fact]
    public void FilesGoInAndOutTheSame()
    {
        string folder = daemons.Docker.Root.Folder + "/bound";
        Directory.CreateDirectory(folder);
        File.WriteAllText(folder + "/f", "x");
        Command.Run("/bin/chown", ["21:22", folder + "/f"]).Ok();
        List<string>[] seen = [[], []];
        for (int i = 0; i < 2; i++)
        {
            string Run(params string[] arguments) => (i == 0 ? daemons.Docker.Docker(arguments) : daemons.Tare.Docker(arguments)).Ok().Stdout;
            Run("run", "-d", "--name", "files", "--runtime", "runc", "-v", folder + ":/b:ro", "-v", "named:/bin", "busybox", "sleep", "1000");
            seen[i].Add(Run("exec", "files", "stat", "-c", "%u %g %n", "/b", "/b/f", "/bin", "/bin/busybox"));
            seen[i].Add(Run("cp", "-a", folder + "/f", "files:/tmp/in"));
            seen[i].Add(Run("exec", "files", "stat", "-c", "%u %g %n", "/tmp/in"));
            seen[i].Add(Run("exec", "-u", "3:4", "files", "sh", "-c", "id; touch /tmp/x; echo > /dev/stderr; true"));
            _ = Run("commit", "files", "files:1");
            seen[i].Add(Run("run", "--rm", "--runtime", "runc", "files:1", "stat", "-c", "%u %g %n", "/tmp/in", "/tmp/x", "/bin/busybox"));
            Run("stop", "-t", "0", "files");
            Run("cp", "-a", folder + "/f", "files:/tmp/in2");
            string export = $"{folder}/export{i}";
            Run("export", "-o", export, "files");
            seen[i].AddRange(Command.Run("/bin/tar", ["-tvf", export, "--numeric-owner", "tmp"]).Ok().Text.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(w => $"{w[0]} {w[1]} {w[2]} {w[^1]}").Order(StringComparer.Ordinal));
            Run("start", "files");
            seen[i].Add(Run("exec", "files", "stat", "-c", "%u %g %n", "/tmp/in2"));
            Run("rm", "-f", "files");
            Run("volume", "rm", "named");
            Run("rmi", "files:1");
        }

        Assert.Equal(seen[0], seen[1]);
    }

    private static string Told(CommandResult result)
    {
        string error = result.Stderr.Split('\n').FirstOrDefault(line => line.Contains("Error response", StringComparison.Ordinal), "");
        return $"{result.ExitCode}\n{result.Stdout}{error}";
    }
}
