using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Tare.Testing;

/// <summary>
/// A tared of the test's own: roots, socket and bridge under names of its own, an image <c>busybox:latest</c> imported. Disposing it removes all
/// containers, stops the daemon and fails the test when anything is left on the machine.
/// </summary>
public partial class DaemonFixture : IDisposable
{
    private static int s_count;
    private readonly MachineState _before;
    private Process? _daemon;

    public DaemonFixture()
    {
        int number = Interlocked.Increment(ref s_count);
        Root = $"/tmp/tare-test-{Environment.ProcessId}-{number}";
        Bridge = $"tt{Environment.ProcessId % 100000}-{number}";
        Subnet = $"10.{200 + (number / 250)}.{number % 250}.1/24";
        Directory.CreateDirectory(Root);
        _before = MachineState.Take(Root);
        BeforeStart();
        StartDaemon();
        Tare(["import", "-c", "CMD [\"/bin/sh\"]", "-c", "ENV PATH=/bin:/usr/bin", "-", "busybox:latest"], stdin: BusyboxRoot.Tar).Ok();
    }

    /// <summary>The folder of everything that this daemon keeps.</summary>
    public string Root { get; }

    public string DataRoot => Path.Combine(Root, "data");

    public string ExecRoot => Path.Combine(Root, "exec");

    public string Socket => Path.Combine(Root, "tare.sock");

    public string Bridge { get; }

    /// <summary>The gateway's address with its prefix length, as --bip takes it.</summary>
    public string Subnet { get; }

    /// <summary>Further arguments of tared.</summary>
    protected virtual IReadOnlyList<string> ExtraArguments => [];

    /// <summary>Variables of tared's environment beside the test's own, as <c>NAME=value</c> without blanks.</summary>
    protected virtual IReadOnlyList<string> ExtraEnvironment => [];

    /// <summary>Done once before the first start, when the root is there.</summary>
    protected virtual void BeforeStart()
    {
    }

    /// <summary>Done after the last stop, before the machine is compared with what it was.</summary>
    protected virtual void AfterStop()
    {
    }

    public int DaemonPid => _daemon!.Id;

    public string DaemonLog => File.Exists(Path.Combine(Root, "tared.log")) ? File.ReadAllText(Path.Combine(Root, "tared.log")) : "";

    /// <summary>Starts the daemon and waits until it answers, for ten seconds unless a limit is given.</summary>
    public void StartDaemon(TimeSpan? limit = null)
    {
        string arguments = string.Join(' ', [$"-H unix://{Socket}", $"--data-root {DataRoot}", $"--exec-root {ExecRoot}", $"--pidfile {Root}/tared.pid",
            $"--bridge {Bridge}", $"--bip {Subnet}", .. ExtraArguments]);
        // The shell only joins the log; it becomes the daemon.
        _daemon = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec env {string.Join(' ', ExtraEnvironment)} {Programs.Tared} {arguments} >>{Root}/tared.log 2>&1"]))!;
        Eventually.True(Answers, "tared does not answer: " + DaemonLog, limit);
    }

    /// <summary>Ends the daemon as an operator does, by SIGTERM.</summary>
    public void StopDaemon() => EndDaemon(SIGTERM);

    /// <summary>Whether the daemon has ended.</summary>
    public bool HasEnded => _daemon!.HasExited;

    /// <summary>Waits for the end of a daemon that somebody else ended.</summary>
    public void WaitForEnd() => Assert.True(_daemon!.WaitForExit(TimeSpan.FromSeconds(15)), "tared does not end");

    /// <summary>Ends the daemon in the worst way.</summary>
    public void KillDaemon() => EndDaemon(SIGKILL);

    /// <summary>The shims that run for this daemon's containers: the container's id and the shim's process.</summary>
    public IReadOnlyDictionary<string, int> Shims()
    {
        Dictionary<string, int> shims = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int pid) && CommandLine(folder) is [_, "shim", "--id", string id, "--bundle", string bundle, ..]
                && bundle.StartsWith(ExecRoot + "/", StringComparison.Ordinal))
            {
                shims[id] = pid;
            }
        }

        return shims;
    }

    /// <summary>The shim's process of a container.</summary>
    public int ShimOf(string container) => Shims()[Tare(["inspect", "-f", "{{.Id}}", container]).Ok().Text];

    /// <summary>Runs the tare client against this daemon.</summary>
    public CommandResult Tare(IEnumerable<string> arguments, byte[]? stdin = null, TimeSpan? timeout = null)
        => Command.Run(Programs.Tare, ["-H", $"unix://{Socket}", .. arguments], stdin, timeout);

    /// <summary>Runs the genuine docker client against this daemon.</summary>
    public CommandResult Docker(IEnumerable<string> arguments, byte[]? stdin = null, TimeSpan? timeout = null)
        => Command.Run(Programs.Docker, ["-H", $"unix://{Socket}", .. arguments], stdin, timeout);

    /// <summary>Runs docker with a line of words, none of which holds a blank.</summary>
    public CommandResult Docker(string line) => Docker(line.Split(' '));

    /// <summary>Runs tare with a line of words, none of which holds a blank.</summary>
    public CommandResult Tare(string line) => Tare(line.Split(' '));

    /// <inheritdoc/>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        if (_daemon is { HasExited: true })
        {
            StartDaemon();
        }

        string[] containers = Tare("ps -aq").Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (containers.Length > 0)
        {
            Tare(["rm", "-f", "-v", .. containers]).Ok();
        }

        StopDaemon();
        AfterStop();
        Command.Run("/bin/ip", ["link", "del", Bridge]);
        Command.Run("/usr/sbin/nft", ["delete", "table", "inet", "tare-" + Bridge]);
        _before.AssertNothingNew();
        Directory.Delete(Root, recursive: true);
    }

    private const int SIGTERM = 15;
    private const int SIGKILL = 9;

    private void EndDaemon(int signal)
    {
        _ = kill(_daemon!.Id, signal);
        Assert.True(_daemon.WaitForExit(TimeSpan.FromSeconds(15)), "tared does not stop: " + DaemonLog);
    }

    private static string[] CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(folder + "/cmdline").Split('\0');
        }
        catch (IOException)
        {
            return []; // ended while we looked
        }
    }

    private bool Answers()
    {
        Assert.False(_daemon!.HasExited, "tared ended: " + DaemonLog);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(Socket));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int pid, int signal);
}
