using Tare.Cli.CommandLine;

namespace Tare.Cli.Commands;

/// <summary><c>tare pause</c>: freezes all processes of containers.</summary>
internal sealed class PauseCommand : Command
{
    public override string Usage => "CONTAINER [CONTAINER...]";

    public override string Summary => "Pause all processes within one or more containers";

    public override IReadOnlyList<string> Spellings => ["container pause", "pause"];

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags)
    {
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments) =>
        context.ForEach(arguments, static (client, name) => client.Post($"/containers/{name}/pause"));
}
