using Tare.Cli.Client;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Commands;

/// <summary><c>tare kill</c>: sends a signal to containers.</summary>
internal sealed class KillCommand : Command
{
    private ValueFlag<string> _signal = null!;

    public override string Usage => "[OPTIONS] CONTAINER [CONTAINER...]";

    public override string Summary => "Kill one or more running containers";

    public override IReadOnlyList<string> Spellings => ["container kill", "kill"];

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _signal = flags.Text("signal", 's', "Signal to send to the container");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments) =>
        context.ForEach(arguments, (client, name) => client.Post(new Query($"/containers/{name}/kill")
            .AddUnlessEmpty("signal", _signal.Value).ToString()));
}
