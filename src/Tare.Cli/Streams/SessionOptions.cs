namespace Tare.Cli.Streams;

/// <summary>How a client stays with a container.</summary>
internal sealed record SessionOptions
{
    /// <summary>Send standard input.</summary>
    public bool Stdin { get; init; }

    /// <summary>Receive standard output.</summary>
    public bool Stdout { get; init; }

    /// <summary>Receive standard error.</summary>
    public bool Stderr { get; init; }

    /// <summary>The container has a terminal.</summary>
    public bool Tty { get; init; }

    /// <summary>The detach keys as the user names them; empty for the default.</summary>
    public string DetachKeys { get; init; } = string.Empty;

    /// <summary>Pass signals on; has no effect with a terminal, whose keys raise the signals inside.</summary>
    public bool SignalProxy { get; init; }

    /// <summary>The container runs already: a full-screen program must draw itself again for the newcomer, and leaving it is told as Docker tells it.</summary>
    public bool JoinsRunning { get; init; }

    /// <summary>The container removes itself: wait for that too.</summary>
    public bool WaitForRemoval { get; init; }
}
