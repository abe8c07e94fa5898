using Microsoft.Win32.SafeHandles;
using Tare.Linux.Interop;
using Tare.Runtime.Commands;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Shim;

/// <summary>
/// <c>tare-runtime shim --id ID --bundle DIR</c>: the monitor of one container. Started by the daemon with a listening unix socket as descriptor 3
/// and the log as standard error; leads a session of its own and outlives the daemon.
/// </summary>
internal static class ShimCommand
{
    private const int ListenerDescriptor = 3;

    /// <summary>Runs the command.</summary>
    public static int Run(CommandLineReader reader)
    {
        ProgramGuard.Enter();
        string? id = null;
        string? bundle = null;
        while (reader.NextOption())
        {
            switch (reader.Option)
            {
                case "id":
                    id = reader.Value();
                    break;
                case "bundle" or "b":
                    bundle = Path.GetFullPath(reader.Value());
                    break;
                default:
                    throw reader.Unknown("shim");
            }
        }

        if (id is null || bundle is null)
        {
            throw new RuntimeException(ErrorKind.Invalid, "shim: --id and --bundle are needed");
        }

        ContainerStore.CheckId(id);
        _ = Libc.setsid();
        _ = Libc.fcntl(ListenerDescriptor, Libc.F_SETFD, 1); // FD_CLOEXEC
        using ShimServer server = new(id, bundle, new SafeFileHandle(ListenerDescriptor, ownsHandle: true));
        server.Run();
        return 0;
    }
}
