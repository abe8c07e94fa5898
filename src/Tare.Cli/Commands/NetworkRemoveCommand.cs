using Tare.Cli.CommandLine;

namespace Tare.Cli.Commands;

/// <summary><c>tare network rm</c>: removes networks.</summary>
internal sealed class NetworkRemoveCommand : Command
{
    public override string Usage => "NETWORK [NETWORK...]";

    public override string Summary => "Remove one or more networks";

    public override IReadOnlyList<string> Spellings => ["network rm", "network remove"];

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags) => flags.Switch("force", 'f', "Say nothing of networks that are not there");

    public override int Run(CommandContext context, IReadOnlyList<string> arguments) =>
        context.ForEach(arguments, static (client, name) => client.Delete($"/networks/{name}"));
}
