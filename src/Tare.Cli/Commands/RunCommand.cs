using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Containers;
using Tare.Cli.Streams;
using Tare.Linux.Terminals;

namespace Tare.Cli.Commands;

/// <summary><c>tare run</c>: creates a container, starts it and, unless detached, stays with it until its end.</summary>
internal sealed class RunCommand : Command
{
    private ContainerFlags _container = null!;
    private ValueFlag<bool> _detach = null!;
    private ValueFlag<string> _detachKeys = null!;
    private ValueFlag<bool> _signalProxy = null!;

    public override string Usage => "[OPTIONS] IMAGE [COMMAND] [ARG...]";

    public override string Summary => "Create and run a new container from an image";

    public override IReadOnlyList<string> Spellings => ["container run", "run"];

    public override int MinimumArguments => 1;

    public override bool Interspersed => false;

    public override bool PointsToHelp => true;

    public override void Define(FlagSet flags)
    {
        _container = new ContainerFlags(flags);
        _detach = flags.Switch("detach", 'd', "Run the container in the background and print its ID");
        _detachKeys = flags.Text("detach-keys", '\0', "Keys that leave the container");
        _signalProxy = flags.Switch("sig-proxy", '\0', "Pass received signals on to the process", initial: true);
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        ProcessFlags process = _container.Process;
        if (_detach.Value && process.Attach.Values.Count > 0)
        {
            throw new CommandException("conflicting options: cannot specify both --attach and --detach");
        }

        WindowSize size = process.Tty.Value ? TerminalWatcher.Size : default;
        CreateRequest request = new(_container, arguments, _detach.Value, Environment.GetEnvironmentVariable) { ConsoleSize = (size.Rows, size.Columns) };
        if (process.Tty.Value && request.AttachStdin && !Terminal.IsTerminal(0))
        {
            throw new CommandException("the input device is not a TTY");
        }

        string id = ContainerCreator.Create(context, _container, request);
        if (_detach.Value)
        {
            context.Out.WriteLine(id);
            context.Out.Flush();
            return Starting(context, () => context.Client.Post($"/containers/{id}/start"));
        }

        using ContainerSession session = new(context, id, new SessionOptions
        {
            Stdin = request.AttachStdin,
            Stdout = request.AttachStdout,
            Stderr = request.AttachStderr,
            Tty = process.Tty.Value,
            DetachKeys = DetachKeySetting.Resolve(_detachKeys),
            SignalProxy = _signalProxy.Value,
            WaitForRemoval = _container.Lifecycle.AutoRemove.Value,
        });
        Starting(context, session.Start);
        return session.Run();
    }

    // The codes of chroot(1) and the shells: 127 for a command that does not exist, 126 for one that cannot be executed.
    private static int Starting(CommandContext context, Action start)
    {
        try
        {
            start();
            return 0;
        }
        catch (DaemonException failure)
        {
            bool missing = failure.Reason.Contains("executable file not found", StringComparison.Ordinal)
                || failure.Reason.Contains("no such file or directory", StringComparison.Ordinal);
            bool denied = failure.Reason.Contains("permission denied", StringComparison.Ordinal) || failure.Reason.Contains("is a directory", StringComparison.Ordinal);
            int exitCode = missing ? 127 : denied ? 126 : 125;
            throw new CommandException($"tare: {failure.Message}\n\nRun 'tare {context.Path} --help' for more information", exitCode);
        }
    }
}
