using Tare.Cli.Client;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Commands;

/// <summary><c>tare volume rm</c>: removes volumes.</summary>
internal sealed class VolumeRemoveCommand : Command
{
    private ValueFlag<bool> _force = null!;

    public override string Usage => "[OPTIONS] VOLUME [VOLUME...]";

    public override string Summary => "Remove one or more volumes";

    public override IReadOnlyList<string> Spellings => ["volume rm", "volume remove"];

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags) => _force = flags.Switch("force", 'f', "Say nothing of volumes that are not there");

    public override int Run(CommandContext context, IReadOnlyList<string> arguments) =>
        context.ForEach(arguments, (client, name) => client.Delete(new Query($"/volumes/{name}").AddIf(_force.Value, "force").ToString()));
}
