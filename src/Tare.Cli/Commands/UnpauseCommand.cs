using Tare.Cli.CommandLine;

namespace Tare.Cli.Commands;

/// <summary><c>tare unpause</c>: thaws all processes of containers.</summary>
internal sealed class UnpauseCommand : Command
{
    public override string Usage => "CONTAINER [CONTAINER...]";

    public override string Summary => "Unpause all processes within one or more containers";

    public override IReadOnlyList<string> Spellings => ["container unpause", "unpause"];

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags)
    {
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments) =>
        context.ForEach(arguments, static (client, name) => client.Post($"/containers/{name}/unpause"));
}
