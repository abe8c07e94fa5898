using Tare.Linux.Interop;
using Tare.Linux.Processes;
using Tare.Oci.Runtime;
using Tare.Runtime.Checkpoint;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Commands;

/// <summary><c>restore</c>: makes a container from images, waits for it, deletes it; the exit code is the process's.</summary>
internal static class RestoreCommand
{
    private sealed record Options
    {
        public string Bundle { get; init; } = ".";

        public string ImagePath { get; init; } = CriuArguments.DefaultImagePath;

        public string? ConsoleSocket { get; init; }

        public string? PidFile { get; init; }

        public bool Detach { get; init; }

        public CriuSettings Settings { get; init; } = new();

        public string? LsmProfile { get; init; }

        public string? LsmMountContext { get; init; }
    }

    /// <summary>Runs the command.</summary>
    public static int Run(CommandContext context, CommandLineReader reader)
    {
        Options options = Read(reader);
        string id = reader.Single("restore", "the container's id");
        using ForegroundSession? session = options.Detach ? null : new ForegroundSession();
        using RestoredContainer container = Restore(context, options, id);
        try
        {
            HandOut(options, container);
            if (options.Detach)
            {
                return 0;
            }

            ExitStatus status = session!.Follow(container.PidFd, container.PtyMaster);
            ContainerStore.Destroy(container.Stored, context.Log.Warn);
            return status.ShellStatus;
        }
        catch
        {
            container.PidFd.TrySendSignal(Libc.SIGKILL);
            ContainerStore.Destroy(container.Stored, context.Log.Warn);
            throw;
        }
    }

    private static RestoredContainer Restore(CommandContext context, Options options, string id)
    {
        string bundle = Path.GetFullPath(options.Bundle);
        RuntimeSpec spec = BundleReader.ReadBundle(bundle, out byte[] configuration);
        CreateCommand.CheckConsole(spec, options.ConsoleSocket, options.Detach);
        if (Libc.geteuid() != 0)
        {
            context.Log.Warn("restore is untested with rootless containers: criu needs privileges");
        }

        return ContainerRestore.Run(new RestoreRequest
        {
            Container = new CreateRequest
            {
                Id = id,
                BundlePath = bundle,
                Spec = spec,
                Configuration = configuration,
                StateRoot = context.Options.Root,
                SystemdCgroup = context.Options.SystemdCgroup,
                Warn = context.Log.Warn,
            },
            ImagePath = options.ImagePath,
            Settings = options.Settings,
            LsmProfile = options.LsmProfile,
            LsmMountContext = options.LsmMountContext,
            TerminalReady = options.Detach ? null : ForegroundSession.CopyWindowSize,
        });
    }

    private static void HandOut(Options options, RestoredContainer container)
    {
        if (options.ConsoleSocket is { } console && container.PtyMaster is { } master)
        {
            CreateCommand.SendConsole(console, master);
        }

        if (options.PidFile is { } file)
        {
            CreateCommand.WritePidFile(file, container.Stored.Pid);
        }
    }

    private static Options Read(CommandLineReader reader)
    {
        Options options = new();
        while (reader.NextOption())
        {
            options = CriuArguments.Read(options.Settings, reader) is { } settings ? options with { Settings = settings } : reader.Option switch
            {
                "bundle" or "b" => options with { Bundle = reader.Value() },
                "image-path" => options with { ImagePath = Path.GetFullPath(reader.Value()) },
                "console-socket" => options with { ConsoleSocket = reader.Value() },
                "pid-file" => options with { PidFile = reader.Value() },
                "detach" or "d" => options with { Detach = reader.Flag() },
                "lsm-profile" => options with { LsmProfile = reader.Value() },
                "lsm-mount-context" => options with { LsmMountContext = reader.Value() },

                // What they change of a creation has no part in a restore: criu pivots by itself, and nobody reaps strangers here.
                "no-subreaper" or "no-pivot" => Same(options, reader.Flag()),
                _ => throw reader.Unknown("restore"),
            };
        }

        return options;
    }

    private static Options Same<T>(Options options, T value)
    {
        _ = value;
        return options;
    }
}
