namespace Tare.Testing.Suites;

/// <summary>
/// Behaviour that a user sees through a client: the same tests run with the genuine docker (conformance) and with tare (integration), since both
/// must act alike. A test project inherits each suite once per client.
/// </summary>
/// <param name="daemon">The daemon of the test class.</param>
/// <param name="client">The program: <see cref="Programs.Docker"/> or <see cref="Programs.Tare"/>.</param>
public abstract class ClientSuite(DaemonFixture daemon, string client)
{
    private static int s_names;

    /// <summary>The daemon that the client talks to.</summary>
    protected DaemonFixture Daemon { get; } = daemon;

    /// <summary>Runs the client with a line of words, none of which holds a blank.</summary>
    protected CommandResult Client(string line) => Client(line.Split(' '));

    /// <summary>Runs the client.</summary>
    protected CommandResult Client(IEnumerable<string> arguments, byte[]? stdin = null, TimeSpan? timeout = null)
        => Command.Run(client, ["-H", $"unix://{Daemon.Socket}", .. arguments], stdin, timeout);

    /// <summary>Runs a shell script in a fresh busybox container that is removed afterwards.</summary>
    protected CommandResult Sh(string options, string script)
        => Client(["run", "--rm", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "busybox", "sh", "-c", script]);

    /// <summary>
    /// Runs the client on a terminal, types <paramref name="input"/> once it has had time to take the terminal over, and returns what the terminal showed.
    /// </summary>
    protected CommandResult Terminal(string line, string input)
        => Command.Run("/bin/sh", ["-c", "{ sleep 1; cat; } | script -qec \"$0\" /dev/null", $"{client} -H unix://{Daemon.Socket} {line}"],
            System.Text.Encoding.UTF8.GetBytes(input), environment: new Dictionary<string, string> { ["TERM"] = "xterm" });

    /// <summary>A container name that no other test uses.</summary>
    protected static string NewName(string prefix = "c") => $"{prefix}{Interlocked.Increment(ref s_names)}";

    /// <summary>Starts a detached container that stays, and returns its name.</summary>
    protected string Start(string options = "", string script = "trap 'exit 0' TERM; while true; do sleep 0.1; done")
    {
        string name = NewName();
        Client(["run", "-d", "--name", name, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "busybox", "sh", "-c", script]).Ok();
        return name;
    }
}
