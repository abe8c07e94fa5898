using System.Net.Sockets;
using Tare.Cli.Client;
using Tare.Cli.Output;
using Tare.Linux.Terminals;

namespace Tare.Cli.Streams;

/// <summary>
/// Joins the program's standard streams with a container's, over the connection that attach or exec handed over. Owns the connection and, while it lives, the mode of
/// the terminal. Input has a thread of its own, output is the caller's.
/// </summary>
internal sealed class AttachedStreams(HttpConnection connection, OutputWriter output, OutputWriter error, bool tty) : IDisposable
{
    /// <summary>What attach and exec say when the detach keys were typed.</summary>
    public const string DetachMessage = "read escape sequence";

    private RawMode? _rawMode;
    private volatile bool _detached;

    /// <summary>Whether the detach keys were typed.</summary>
    public bool Detached => _detached;

    /// <summary>Begins to send standard input. With a terminal on both sides, the client's goes into raw mode.</summary>
    /// <param name="detachKeys">The bytes of the detach keys; they count only with a terminal.</param>
    public void StartInput(byte[] detachKeys)
    {
        if (tty)
        {
            _rawMode = Terminal.EnterRawMode(0);
        }

        DetachFilter? filter = tty ? new DetachFilter(detachKeys) : null;
        Thread thread = new(() => PumpInput(filter)) { IsBackground = true, Name = "stdin" };
        thread.Start();
    }

    /// <summary>Copies the outputs until the container's end or the detach keys.</summary>
    public void CopyOutput()
    {
        try
        {
            if (tty)
            {
                byte[] buffer = new byte[32 * 1024];
                while (connection.Read(buffer) is > 0 and int count)
                {
                    output.WriteThrough(buffer.AsSpan(0, count));
                }
            }
            else
            {
                FrameReader.Copy(connection.Read, (isError, bytes) => (isError ? error : output).WriteThrough(bytes));
            }
        }
        catch (SocketException) when (_detached)
        {
            // The input thread ended the connection.
            return;
        }
        finally
        {
            RestoreTerminal();
        }
    }

    /// <summary>Gives the terminal its former mode back; may be called by any thread.</summary>
    public void RestoreTerminal() => _rawMode?.Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        RestoreTerminal();
        connection.Dispose();
    }

    private void PumpInput(DetachFilter? filter)
    {
        StandardStream input = new(0);
        byte[] buffer = new byte[16 * 1024];
        List<byte> passed = [];
        try
        {
            while (input.Read(buffer) is > 0 and int count)
            {
                if (filter is null)
                {
                    connection.Send(buffer.AsSpan(0, count));
                    continue;
                }

                passed.Clear();
                bool detach = filter.Pass(buffer.AsSpan(0, count), passed);
                connection.Send(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(passed));
                if (detach)
                {
                    _detached = true;
                    connection.Shutdown();
                    return;
                }
            }

            connection.CloseWrite();
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or IOException)
        {
            // The container ended or nobody reads its input: the output thread reports how it went.
            return;
        }
    }
}
