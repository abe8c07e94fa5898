using System.Globalization;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Tare.Engine.Containers;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Processes;
using Tare.Runtime.Shim.Client;

namespace Tare.Engine.Lifecycle;

/// <summary>
/// Starts shims. The engine binds and listens on the socket itself and passes it on as descriptor 3, so that it can connect at once, while the shim still starts.
/// </summary>
internal static class ShimProcess
{
    private const int Backlog = 64;

    /// <summary>Kills the shim of a container that an earlier daemon started: it is known by its command line alone.</summary>
    public static void KillOf(EngineParts parts, string id)
    {
        string line = string.Join('\0', Arguments(parts, id));
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                if (File.ReadAllText(folder + "/cmdline").TrimEnd('\0') == line)
                {
                    using SafePidFd shim = SafePidFd.Open(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
                    shim.TrySendSignal(Signals.Kill);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or LinuxException)
            {
                // It has ended while we looked, as processes do.
            }
        }
    }

    private static string[] Arguments(EngineParts parts, string id) => ["tare-runtime", "shim", "--id", id, "--bundle", parts.Paths.Shim(id)];

    /// <summary>Starts the shim of a container whose folder is made, and connects to it.</summary>
    /// <exception cref="Linux.LinuxException">The program cannot be started.</exception>
    /// <exception cref="ShimException">It does not answer.</exception>
    public static async Task<(SpawnedProcess Process, ShimClient Client)> StartAsync(EngineParts parts, string id)
    {
        string folder = parts.Paths.Shim(id);
        string socketPath = parts.Paths.ShimSocket(id);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        // .NET removes the path that a socket was bound to when it is disposed, but the shim goes on listening: it is given its name afterwards.
        using (SocketPath address = new(socketPath + ".new"))
        {
            socket.Bind(new UnixDomainSocketEndPoint(address.Path));
        }

        File.Move(socketPath + ".new", socketPath);
        socket.Listen(Backlog);
        using SafeFileHandle listener = new(socket.Handle, ownsHandle: false);
        using SafeFileHandle nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite);
        using SafeFileHandle log = File.OpenHandle(folder + "/shim.log", FileMode.Append, FileAccess.Write);
        SpawnedProcess process = ProcessLauncher.Spawn(new SpawnRequest
        {
            Path = parts.Options.RuntimePath,
            Arguments = Arguments(parts, id),
            Descriptors = [nothing, nothing, log, listener],
            NewSession = true,
            // A runtime thread of the shim with SIGCHLD or SIGTERM unblocked would take the signal from the thread that waits for it.
            BlockSignals = true,
        });
        try
        {
            return (process, await ShimClient.ConnectAsync(socketPath));
        }
        catch (ShimException)
        {
            process.Dispose();
            throw;
        }
    }
}
