using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Tare.Linux.Files;
using Tare.Linux.Processes;

namespace Tare.Engine.Lifecycle;

/// <summary>
/// Starts a server in the program tare-runtime: a shim, or a limited layer's. The engine binds and listens on its socket itself and passes it on as descriptor 3, so that it can
/// connect at once, while the program still starts.
/// </summary>
internal static class RuntimeProcess
{
    private const int Backlog = 64;

    /// <summary>Starts it, in a session of its own and with all signals blocked: a thread of its runtime with SIGCHLD or SIGTERM unblocked would take them from the one that waits.</summary>
    /// <param name="program">Path of tare-runtime.</param>
    /// <param name="arguments">The command and what it takes.</param>
    /// <param name="socketPath">Where it listens.</param>
    /// <param name="errorLog">File that its standard error is appended to; null for none.</param>
    /// <param name="further">What it gets as descriptor 4; null for nothing.</param>
    /// <exception cref="Linux.LinuxException">The program cannot be started.</exception>
    public static SpawnedProcess Spawn(string program, IReadOnlyList<string> arguments, string socketPath, string? errorLog, SafeFileHandle? further = null)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        // .NET removes the path that a socket was bound to when it is disposed, but the server goes on listening: it is given its name afterwards.
        using (SocketPath address = new(socketPath + ".new"))
        {
            socket.Bind(new UnixDomainSocketEndPoint(address.Path));
        }

        File.Move(socketPath + ".new", socketPath);
        socket.Listen(Backlog);
        using SafeFileHandle listener = new(socket.Handle, ownsHandle: false);
        using SafeFileHandle nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        using SafeFileHandle? log = errorLog is null ? null : File.OpenHandle(errorLog, FileMode.Append, FileAccess.Write);
        return ProcessLauncher.Spawn(new SpawnRequest
        {
            Path = program,
            Arguments = ["tare-runtime", .. arguments],
            Descriptors = further is null ? [nothing, nothing, log ?? nothing, listener] : [nothing, nothing, log ?? nothing, listener, further],
            NewSession = true,
            BlockSignals = true,
        });
    }
}
