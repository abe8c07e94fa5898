using System.Runtime.InteropServices;
using Tare.Cli.Client;

namespace Tare.Cli.Streams;

/// <summary>Sends the signals that the program receives on to the container.</summary>
internal sealed class SignalForwarder : IDisposable
{
    // Signals that a person or a supervisor sends, with their numbers on Linux (signal(7)). SIGCHLD, SIGPIPE and SIGURG are the program's own business.
    private static readonly (int Number, string Name)[] s_signals =
    [
        (1, "HUP"), (2, "INT"), (3, "QUIT"), (10, "USR1"), (12, "USR2"), (14, "ALRM"), (15, "TERM"), (18, "CONT"),
    ];

    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <summary>Begins to forward.</summary>
    public SignalForwarder(DaemonClient client, string containerId)
    {
        foreach ((int number, string name) in s_signals)
        {
            _registrations.Add(PosixSignalRegistration.Create((PosixSignal)number, signal =>
            {
                signal.Cancel = true;
                Forward(client, containerId, name);
            }));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _registrations.ForEach(static registration => registration.Dispose());

    private static void Forward(DaemonClient client, string containerId, string name)
    {
        try
        {
            using DaemonClient own = client.Another();
            own.Post(new Query($"/containers/{containerId}/kill").Add("signal", name).ToString());
        }
        catch (Exception failure) when (failure is DaemonException or UnreachableException)
        {
            // The container has just ended: the thread that waits for it reports the exit code.
            return;
        }
    }
}
