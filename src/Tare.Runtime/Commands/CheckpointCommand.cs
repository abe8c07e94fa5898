using System.Globalization;
using Tare.Runtime.Checkpoint;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Commands;

/// <summary><c>checkpoint</c>: writes a container's processes to images; the container is deleted then, but where it is left running.</summary>
internal static class CheckpointCommand
{
    /// <summary>Runs the command.</summary>
    public static int Run(CommandContext context, CommandLineReader reader)
    {
        (CheckpointRequest request, string id) = Read(reader);
        StoredContainer container = context.Store.Load(id);
        ContainerStatus status = container.Status;
        if (status is ContainerStatus.Created or ContainerStatus.Stopped)
        {
            throw new RuntimeException(ErrorKind.WrongState, $"Container cannot be checkpointed in {status.ToString().ToLowerInvariant()} state");
        }

        if (Linux.Interop.Libc.geteuid() != 0)
        {
            context.Log.Warn("checkpoint is untested with rootless containers: criu needs privileges");
        }

        CheckParent(request);
        ContainerCheckpoint.Run(request with { Container = container });
        if (!request.LeaveRunning && !request.PreDump)
        {
            ContainerStore.Destroy(container, context.Log.Warn);
        }

        return 0;
    }

    private static (CheckpointRequest Request, string Id) Read(CommandLineReader reader)
    {
        CheckpointRequest request = new() { Container = null!, ImagePath = CriuArguments.DefaultImagePath };
        while (reader.NextOption())
        {
            request = CriuArguments.Read(request.Settings, reader) is { } settings ? request with { Settings = settings } : reader.Option switch
            {
                "image-path" => request with { ImagePath = Path.GetFullPath(reader.Value()) },
                "parent-path" => request with { ParentPath = reader.Value() },
                "leave-running" => request with { LeaveRunning = reader.Flag() },
                "tcp-skip-in-flight" => request with { SkipTcpInFlight = reader.Flag() },
                "link-remap" => request with { LinkRemap = reader.Flag() },
                "status-fd" => request with { StatusDescriptor = reader.Number() },
                "page-server" => request with { PageServer = PageServer(reader.Value()) },
                "pre-dump" => request with { PreDump = reader.Flag() },
                _ => throw reader.Unknown("checkpoint"),
            };
        }

        return (request, reader.Single("checkpoint", "the container's id"));
    }

    private static (string Address, int Port) PageServer(string text)
    {
        // The last colon: an address of IPv6 has more of them, and may stand in brackets.
        int colon = text.LastIndexOf(':');
        if (colon <= 0)
        {
            throw new RuntimeException(ErrorKind.Invalid, "Use --page-server ADDRESS:PORT to specify page server");
        }

        return ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
            ? (text[..colon].Trim('[', ']'), port)
            : throw new RuntimeException(ErrorKind.Invalid, "Invalid port number");
    }

    private static void CheckParent(CheckpointRequest request)
    {
        if (request.ParentPath is not { } parent)
        {
            return;
        }

        if (Path.IsPathRooted(parent))
        {
            throw new RuntimeException(ErrorKind.Invalid, "--parent-path must be relative");
        }

        string folder = Path.GetFullPath(parent, request.ImagePath);
        if (!Directory.Exists(folder))
        {
            throw new RuntimeException(ErrorKind.Invalid, $"invalid --parent-path: stat {folder}: {(File.Exists(folder) ? "not a directory" : "no such file or directory")}");
        }
    }
}
