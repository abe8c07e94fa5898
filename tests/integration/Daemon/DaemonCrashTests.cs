using System.Net.Sockets;

namespace Tare.IntegrationTests.Daemon;

/// <summary>Containers do not depend on the daemon: it may be stopped or killed at any moment, and a new one finds everything again.</summary>
public sealed class DaemonCrashTests(DaemonFixture daemon) : IClassFixture<DaemonFixture>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RunningContainersStayAndAreFoundAgain(bool kill)
    {
        string name = "survivor" + kill;
        daemon.Tare(["run", "-d", "--name", name, "busybox", "sh", "-c", "i=0; while true; do i=$((i+1)); echo tick $i; sleep 0.1; done"]).Ok();
        string pid = daemon.Tare(["inspect", "-f", "{{.State.Pid}}", name]).Ok().Text;
        End(kill);
        Thread.Sleep(500);
        Assert.True(Directory.Exists("/proc/" + pid), "the container died with the daemon");
        daemon.StartDaemon();

        Assert.Equal("running " + pid, daemon.Tare(["inspect", "-f", "{{.State.Status}} {{.State.Pid}}", name]).Ok().Text);
        Assert.Contains(name, daemon.Tare("ps").Ok().Stdout, StringComparison.Ordinal);
        string[] ticks = daemon.Tare($"logs {name}").Ok().Text.Split('\n');
        Assert.Equal(Enumerable.Range(1, ticks.Length).Select(i => $"tick {i}"), ticks);
        Assert.True(ticks.Length >= 5, "the log was not written while the daemon was away");
        Assert.Equal("hi", daemon.Tare($"exec {name} echo hi").Ok().Text);
        daemon.Tare($"stop -t 1 {name}").Ok();
        Assert.Equal("exited", daemon.Tare(["inspect", "-f", "{{.State.Status}}", name]).Ok().Text);
        daemon.Tare($"rm {name}").Ok();
    }

    [Fact]
    public void ExitsThatHappenedMeanwhileAreKnown()
    {
        daemon.Tare(["run", "-d", "--name", "ended", "busybox", "sh", "-c", "sleep 0.7; echo last words; exit 23"]).Ok();
        daemon.KillDaemon();
        Thread.Sleep(1500);
        daemon.StartDaemon();
        Assert.Equal("exited 23", daemon.Tare(["inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "ended"]).Ok().Text);
        Assert.Equal("last words", daemon.Tare("logs ended").Ok().Text);
        daemon.Tare("rm ended").Ok();
    }

    [Fact]
    public void ExecSessionsAreKnownAfterTheRestart()
    {
        daemon.Tare("run -d --name host-of-execs busybox sleep 100").Ok();
        daemon.Tare(["exec", "-d", "host-of-execs", "sh", "-c", "sleep 1; exit 7"]).Ok();
        string exec = daemon.Tare(["inspect", "-f", "{{index .ExecIDs 0}}", "host-of-execs"]).Ok().Text;
        daemon.KillDaemon();
        daemon.StartDaemon();
        Eventually.True(() => Exec(exec).Contains("\"ExitCode\":7", StringComparison.Ordinal), "the end of the exec session is not known: " + Exec(exec));
        Assert.Contains("\"Running\":false", Exec(exec), StringComparison.Ordinal);
        daemon.Tare("rm -f host-of-execs").Ok();
    }

    private string Exec(string id)
    {
        using SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(daemon.Socket), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using HttpClient http = new(handler);
        using HttpRequestMessage request = new(HttpMethod.Get, $"http://d/exec/{id}/json");
        using HttpResponseMessage response = http.Send(request);
        using StreamReader reader = new(response.Content.ReadAsStream());
        return reader.ReadToEnd();
    }

    [Fact]
    public async Task AnExecThatDiesWithItsShimIsNoSuccess()
    {
        daemon.Tare("run -d --net none --name shimless busybox sleep 1000").Ok();
        Task<CommandResult> exec = Command.RunAsync(Programs.Tare, ["-H", $"unix://{daemon.Socket}", "exec", "shimless", "sleep", "100"]);
        Eventually.True(() => daemon.Tare("top shimless").Stdout.Contains("sleep 100\n", StringComparison.Ordinal), "the session does not run");
        int shim = daemon.ShimOf("shimless");
        Command.Run("/bin/kill", ["-KILL", shim.ToString(System.Globalization.CultureInfo.InvariantCulture)]).Ok();
        (await exec).Exits(137);
        daemon.Tare("rm -f shimless").Ok();
    }

    [Fact]
    public void AutoRemoveHappensAfterTheRestart()
    {
        daemon.Tare(["run", "-d", "--rm", "--name", "brief", "busybox", "sleep", "0.7"]).Ok();
        daemon.KillDaemon();
        Thread.Sleep(1500);
        daemon.StartDaemon();
        Eventually.True(() => daemon.Tare("inspect brief").ExitCode == 1, "the container was not removed");
    }

    [Fact]
    public void KilledAtRandomMomentsNothingIsLostOrLeft()
    {
        Random random = new(20261124);
        for (int round = 0; round < 12; round++)
        {
            using System.Diagnostics.Process run = Command.Start(Programs.Tare, ["-H", $"unix://{daemon.Socket}", "run", "--name", $"r{round}", "busybox", "true"]);
            Thread.Sleep(random.Next(0, 40));
            daemon.KillDaemon();
            run.WaitForExit(TimeSpan.FromSeconds(20));
            daemon.StartDaemon();
            string state = daemon.Tare(["inspect", "-f", "{{.State.Status}}", $"r{round}"]).Text;
            if (state.Length > 0)
            {
                daemon.Tare($"rm -f r{round}").Ok();
            }
        }

        Assert.Empty(daemon.Tare("ps -aq").Ok().Text);
        Eventually.True(
            () => Directory.GetFileSystemEntries(Path.Combine(daemon.DataRoot, "containers")).All(path => Path.GetFileName(path) == ".trash" && Directory.GetFileSystemEntries(path).Length == 0),
            "container folders are left");
        Eventually.True(
            () => Directory.GetFileSystemEntries(Path.Combine(daemon.ExecRoot, "shims")).Length == 0, "shim folders are left");
    }

    [Fact]
    public void AShimThatHangsDoesNotKeepTheDaemonFromStarting()
    {
        daemon.Tare("run -d --net none --name stuck busybox sleep 1000").Ok();
        daemon.Tare("run -d --net none --name well busybox sleep 1000").Ok();
        int shim = daemon.ShimOf("stuck");
        daemon.KillDaemon();
        Command.Run("/bin/kill", ["-STOP", shim.ToString(System.Globalization.CultureInfo.InvariantCulture)]).Ok();
        daemon.StartDaemon(TimeSpan.FromSeconds(40));
        Assert.Equal("exited", daemon.Tare(["inspect", "-f", "{{.State.Status}}", "stuck"]).Ok().Text);
        Assert.Equal("running", daemon.Tare(["inspect", "-f", "{{.State.Status}}", "well"]).Ok().Text);
        daemon.Tare("start stuck").Ok();
        daemon.Tare("rm -f stuck well").Ok();
    }

    [Fact]
    public void ASecondDaemonOnTheSameRootRefuses()
    {
        CommandResult result = Command.Run(Programs.Tared, ["-H", $"unix://{daemon.Root}/second.sock", "--data-root", daemon.DataRoot, "--exec-root", daemon.Root + "/second", "--bridge", "none"]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(daemon.DataRoot, result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void IdleDaemonAndShimsAreSmall()
    {
        daemon.Tare("run -d --net none --name idle busybox sleep 1000").Ok();
        int shim = Assert.Single(daemon.Shims()).Value;
        // A shim is idle about a second after the last event, later on a busy machine.
        Eventually.True(() => Pss(shim) <= 2.0, () => "a shim does not come down to 2 MiB PSS: " + Mappings(shim));
        daemon.Tare("exec idle true").Ok();
        Eventually.True(() => Pss(shim) <= 2.0, () => "a shim does not come down to 2 MiB PSS after an exec: " + Mappings(shim));
        double tared = Pss(daemon.DaemonPid);
        daemon.Tare("rm -f idle").Ok();
        Assert.True(tared <= 40.0, $"tared holds {tared:F1} MiB PSS, at most 40 are allowed");
    }

    private void End(bool kill)
    {
        if (kill)
        {
            daemon.KillDaemon();
        }
        else
        {
            daemon.StopDaemon();
        }
    }

    /// <summary>The mappings that hold most, in kB, for a reader of the failure.</summary>
    private static string Mappings(int pid)
    {
        List<(int Pss, string Name)> mappings = [];
        string name = "";
        foreach (string line in File.ReadLines($"/proc/{pid}/smaps"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (!words[0].EndsWith(':'))
            {
                name = line;
            }
            else if (words[0] == "Pss:")
            {
                mappings.Add((int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture), name));
            }
        }

        return string.Concat(mappings.OrderByDescending(m => m.Pss).Take(8).Select(m => $"\n{m.Pss} kB {m.Name}"));
    }

    private static double Pss(int pid)
        => double.Parse(File.ReadLines($"/proc/{pid}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            System.Globalization.CultureInfo.InvariantCulture) / 1024;
}
