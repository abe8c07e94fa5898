using Tare.Cli.Client;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Commands;

/// <summary><c>tare rename</c>: gives a container another name.</summary>
internal sealed class RenameCommand : Command
{
    public override string Usage => "CONTAINER NEW_NAME";

    public override string Summary => "Rename a container";

    public override IReadOnlyList<string> Spellings => ["container rename", "rename"];

    public override int MinimumArguments => 2;

    public override int MaximumArguments => 2;

    public override void Define(FlagSet flags)
    {
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        try
        {
            context.Client.Post(new Query($"/containers/{arguments[0]}/rename").Add("name", arguments[1]).ToString());
            return 0;
        }
        catch (DaemonException failure)
        {
            throw new CommandException($"{failure.Message}\nError: failed to rename container named {arguments[0]}");
        }
    }
}
