using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Processes;

namespace Tare.Cli.Client;

/// <summary>
/// Starts <c>tared</c> when its default socket does not answer. Two clients may do so at once: the second daemon finds the first one's lock and ends, and both clients
/// reach the first.
/// </summary>
internal static class DaemonStarter
{
    private const string LogPath = "/var/log/tared.log";
    private const string FallbackLogPath = "/run/tare/tared.log";
    private const int PatienceMilliseconds = 10_000;
    private const int LongestPauseMilliseconds = 50;

    /// <summary>Starts the daemon and waits until it answers.</summary>
    /// <exception cref="UnreachableException">It cannot be started; the message says what to do.</exception>
    public static void Start(DaemonAddress address)
    {
        if (Environment.UserName != "root" && !Environment.IsPrivilegedProcess)
        {
            throw new UnreachableException(
                $"Cannot connect to the Tare daemon at {address.Text}. Is the tare daemon running? hint: it is started with the first command of root, such as \"sudo tare ps\"");
        }

        string program = Find();
        string logPath = LogPath;
        using SafeFileHandle log = OpenLog(ref logPath);
        using SafeFileHandle nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        try
        {
            using SpawnedProcess daemon = ProcessLauncher.Spawn(new SpawnRequest
            {
                Path = program,
                Arguments = [program],
                Descriptors = [nothing, log, log],
                NewSession = true,
            });
            Await(address, daemon, logPath);
        }
        catch (LinuxException failure)
        {
            throw new UnreachableException($"start the daemon \"{program}\": {failure.Message}", failure);
        }
    }

    private static void Await(DaemonAddress address, SpawnedProcess daemon, string logPath)
    {
        long deadline = Environment.TickCount64 + PatienceMilliseconds;
        using ManualResetEventSlim never = new();
        for (int pause = 1; Environment.TickCount64 < deadline; pause = Math.Min(pause * 2, LongestPauseMilliseconds))
        {
            if (Answers(address))
            {
                return;
            }

            // When another client's daemon was first, ours has ended, and the other may still be on its way.
            if (daemon.TryWait() is { } && !Answers(address) && pause >= LongestPauseMilliseconds)
            {
                break;
            }

            never.Wait(pause);
        }

        throw new UnreachableException(
            $"the Tare daemon was started but does not answer at {address.Text}. hint: its log \"{logPath}\" says why{LastLine(logPath)}");
    }

    private static bool Answers(DaemonAddress address)
    {
        try
        {
            using HttpConnection connection = HttpConnection.Open(address);
            connection.Send(new HttpRequest("GET", "/_ping"));
            return connection.ReadHead() is not null;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    // Beside this program, as it is installed; else wherever PATH has it.
    private static string Find()
    {
        string own = Path.Combine(Path.GetDirectoryName(Environment.ProcessPath) ?? "/", "tared");
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':', StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(static folder => Path.Combine(folder, "tared")).Prepend(own).FirstOrDefault(File.Exists)
            ?? throw new UnreachableException($"the daemon program \"tared\" is neither beside \"{Environment.ProcessPath}\" nor in PATH. hint: run ./install.sh, or start the daemon by hand");
    }

    private static SafeFileHandle OpenLog(ref string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A read-only or missing /var/log is no reason to go without the daemon.
            path = FallbackLogPath;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return File.OpenHandle(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        }
    }

    private static string LastLine(string path)
    {
        try
        {
            return File.ReadLines(path).LastOrDefault(static line => line.Length > 0) is { } line ? $": {line}" : string.Empty;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $" ({failure.Message})";
        }
    }
}
