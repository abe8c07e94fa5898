using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Containers;
using Tare.Cli.Streams;
using Tare.Linux.Terminals;

namespace Tare.Cli.Commands;

/// <summary><c>tare create</c>: creates a container and prints its ID.</summary>
internal sealed class CreateCommand : Command
{
    private ContainerFlags _container = null!;

    public override string Usage => "[OPTIONS] IMAGE [COMMAND] [ARG...]";

    public override string Summary => "Create a new container";

    public override IReadOnlyList<string> Spellings => ["container create", "create"];

    public override int MinimumArguments => 1;

    public override bool Interspersed => false;

    public override bool PointsToHelp => true;

    public override void Define(FlagSet flags) => _container = new ContainerFlags(flags);

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        WindowSize size = _container.Process.Tty.Value ? TerminalWatcher.Size : default;
        CreateRequest request = new(_container, arguments, detach: false, Environment.GetEnvironmentVariable) { ConsoleSize = (size.Rows, size.Columns) };
        try
        {
            context.Out.WriteLine(ContainerCreator.Create(context, _container, request));
            return 0;
        }
        catch (Exception failure) when (failure is DaemonException or CreationException)
        {
            throw new CommandException(failure.Message);
        }
    }
}
