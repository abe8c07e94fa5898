using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Oci.Runtime;
using Tare.Runtime.Containers;

namespace Tare.Runtime.Commands;

/// <summary><c>create</c>, and what <c>run</c> shares with it.</summary>
internal static class CreateCommand
{
    /// <summary>Creates a container whose process waits for <c>start</c>.</summary>
    public static int Run(CommandContext context, CommandLineReader reader)
    {
        RunOptions options = RunOptions.Read("create", reader);
        ListenDescriptors.Check(options.PreserveFds);
        ProgramGuard.Enter();
        using NotifySocket? notify = NotifySocket.FromEnvironment(context.Options.Root, options.Id, context.Log.Warn);
        using CreatedContainer container = Create(context, options, gate: true, detached: true, notify);
        return 0;
    }

    /// <summary>Creates the container and hands out terminal, pidfd and pid.</summary>
    /// <param name="context">Options before the command.</param>
    /// <param name="options">Those of the command.</param>
    /// <param name="gate">Whether the process waits for <c>start</c>.</param>
    /// <param name="detached">Whether this process does not stay.</param>
    /// <param name="notify">Where the container says that it is ready; null for nobody to tell. Listens at once where there is no gate.</param>
    public static CreatedContainer Create(CommandContext context, RunOptions options, bool gate, bool detached, NotifySocket? notify)
    {
        RuntimeSpec spec = BundleReader.ReadBundle(options.Bundle, out byte[] configuration);
        CheckConsole(spec, options.ConsoleSocket, detached);
        (int preserved, string? listen) = ListenDescriptors.FromEnvironment(options.PreserveFds);
        if (listen is not null && spec.Process is { } process)
        {
            process.Env = [.. process.Env ?? [], listen, "LISTEN_PID=1"];
        }

        notify?.AddTo(spec);
        CreatedContainer container = ContainerLauncher.Create(new CreateRequest
        {
            Id = options.Id,
            BundlePath = options.Bundle,
            Spec = spec,
            Configuration = configuration,
            StateRoot = context.Options.Root,
            PreservedDescriptors = preserved,
            Gate = gate,
            PlainLineFeeds = !detached,
            NoPivot = options.NoPivot,
            SystemdCgroup = context.Options.SystemdCgroup,
            NoNewKeyring = options.NoNewKeyring,
            FolderMade = notify is null ? null : () => PrepareNotify(notify, listen: !gate),
            Warn = context.Log.Warn,
        });
        try
        {
            HandOut(options, container);
            return container;
        }
        catch
        {
            container.PidFd.TrySendSignal(Linux.Interop.Libc.SIGKILL);
            ContainerStore.Destroy(container.Stored);
            container.Dispose();
            throw;
        }
    }

    private static void PrepareNotify(NotifySocket notify, bool listen)
    {
        notify.MakeFolder();
        if (listen)
        {
            notify.Listen();
        }
    }

    /// <summary>Checks that a terminal has where to go.</summary>
    /// <exception cref="RuntimeException">A console socket is missing, or given without need.</exception>
    public static void CheckConsole(RuntimeSpec spec, string? consoleSocket, bool detached)
    {
        bool terminal = spec.Process?.Terminal ?? false;
        if (terminal && detached && consoleSocket is null)
        {
            throw new RuntimeException(ErrorKind.Invalid, "cannot allocate tty if tare-runtime will detach without setting console socket");
        }

        if (consoleSocket is not null && (!terminal || !detached))
        {
            throw new RuntimeException(ErrorKind.Invalid, "cannot use console socket if tare-runtime will not detach or allocate tty");
        }
    }

    /// <summary>Sends a terminal's master to the listener of a console socket.</summary>
    public static void SendConsole(string path, SafeFileHandle master)
    {
        using SafeFileHandle socket = Connect(path, "console socket");
        DescriptorPassing.Send(socket, master, "/dev/ptmx");
    }

    /// <summary>Sends a process's pidfd to the listener of a pidfd socket.</summary>
    public static void SendPidFd(string path, Linux.Processes.SafePidFd process)
    {
        using SafeFileHandle socket = Connect(path, "pidfd socket");
        using SafeFileHandle pidFd = new(process.Descriptor, ownsHandle: false);
        DescriptorPassing.Send(socket, pidFd, "pidfd");
    }

    /// <summary>Writes a pid file: whole or not at all.</summary>
    public static void WritePidFile(string path, int pid)
    {
        string temporary = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "." + Path.GetFileName(path));
        File.WriteAllText(temporary, pid.ToString(CultureInfo.InvariantCulture));
        File.Move(temporary, path, overwrite: true);
    }

    private static void HandOut(RunOptions options, CreatedContainer container)
    {
        if (options.ConsoleSocket is { } console && container.PtyMaster is { } master)
        {
            SendConsole(console, master);
        }

        if (options.PidFdSocket is { } path)
        {
            SendPidFd(path, container.PidFd);
        }

        if (options.PidFile is { } file)
        {
            WritePidFile(file, container.Pid);
        }
    }

    private static SafeFileHandle Connect(string path, string what)
    {
        try
        {
            return DescriptorPassing.Connect(path);
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException(ErrorKind.Invalid, $"{what}: {failure.Message}", failure.Errno, failure);
        }
    }
}
