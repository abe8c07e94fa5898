using System.Globalization;
using System.Runtime.InteropServices;
using Tare.Cli.Client;
using Tare.Linux.Terminals;

namespace Tare.Cli.Streams;

/// <summary>Keeps the size of a container's terminal equal to the client's, and restores the client's mode when a signal ends the program.</summary>
internal sealed class TerminalWatcher : IDisposable
{
    private const int EndedBySignal = 128;
    private readonly DaemonClient _client;
    private readonly string _path;
    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <summary>Begins to watch.</summary>
    /// <param name="client">The daemon.</param>
    /// <param name="path">The container or exec session, such as <c>/containers/ID</c>.</param>
    /// <param name="streams">Whose terminal mode is restored on a deadly signal.</param>
    public TerminalWatcher(DaemonClient client, string path, AttachedStreams streams)
    {
        _client = client;
        _path = path;
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Resize()));
        foreach ((PosixSignal signal, int number) in new[] { (PosixSignal.SIGTERM, 15), (PosixSignal.SIGHUP, 1) })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, _ =>
            {
                streams.RestoreTerminal();
                Environment.Exit(EndedBySignal + number);
            }));
        }
    }

    /// <summary>The size of the client's terminal; 0 by 0 without one.</summary>
    public static WindowSize Size => Terminal.SizeOf(1);

    /// <summary>Tells the daemon the present size.</summary>
    /// <param name="redraw">Tell it a size one larger first: only a change of size makes programs draw themselves again.</param>
    public void Resize(bool redraw = false)
    {
        WindowSize size = Size;
        if (size.Rows == 0 && size.Columns == 0)
        {
            return;
        }

        try
        {
            using DaemonClient own = _client.Another();
            if (redraw)
            {
                own.Post(Target(size.Rows + 1, size.Columns + 1));
            }

            own.Post(Target(size.Rows, size.Columns));
        }
        catch (Exception failure) when (failure is DaemonException or UnreachableException)
        {
            // The process has ended already, so nobody looks at the size.
            return;
        }
    }

    private string Target(int rows, int columns) =>
        new Query($"{_path}/resize").Add("h", rows.ToString(CultureInfo.InvariantCulture)).Add("w", columns.ToString(CultureInfo.InvariantCulture)).ToString();

    /// <inheritdoc/>
    public void Dispose() => _registrations.ForEach(static registration => registration.Dispose());
}
