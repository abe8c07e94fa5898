using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Processes;

namespace Tare.Cli.Client;

/// <summary>
/// Starts <c>tared</c> when its default socket does not answer. Of several clients that want to at once, one holds a lock and starts it; the others wait for its answer.
/// </summary>
internal static class DaemonStarter
{
    private const string LogPath = "/var/log/tared.log";
    private const string FallbackLogPath = "/run/tare/tared.log";
    private const int PatienceMilliseconds = 10_000;
    private const int PauseMilliseconds = 2;
    private const string TurnPath = "/run/tare/client-start.lock";

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
        long deadline = Environment.TickCount64 + PatienceMilliseconds;
        using FileStream? turn = AwaitTurn(address, deadline);
        if (turn is null)
        {
            return;
        }

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
            Await(address, daemon, logPath, deadline);
        }
        catch (LinuxException failure)
        {
            throw new UnreachableException($"start the daemon \"{program}\": {failure.Message}", failure);
        }
    }

    // The lock of the one client that starts a daemon; null when the daemon answers meanwhile, because another client has started it.
    private static FileStream? AwaitTurn(DaemonAddress address, long deadline)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(TurnPath)!);
        using ManualResetEventSlim never = new();
        while (!Answers(address))
        {
            try
            {
                FileStream turn = new(TurnPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                if (!Answers(address))
                {
                    return turn;
                }

                turn.Dispose();
            }
            catch (IOException) when (Environment.TickCount64 < deadline)
            {
                never.Wait(PauseMilliseconds);
            }
        }

        return null;
    }

    private static void Await(DaemonAddress address, SpawnedProcess daemon, string logPath, long deadline)
    {
        using ManualResetEventSlim never = new();
        bool ended = false;
        while (!ended && Environment.TickCount64 < deadline)
        {
            ended = daemon.TryWait() is not null;
            if (Answers(address))
            {
                return;
            }

            never.Wait(PauseMilliseconds);
        }

        throw new UnreachableException(
            $"the Tare daemon was started but {(ended ? "ended at once" : $"does not answer at {address.Text}")}. hint: its log \"{logPath}\" says why{LastLine(logPath)}");
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
