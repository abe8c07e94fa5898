using Tare.Cli.Client;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Commands;

/// <summary><c>tare stop</c>: asks containers to end, and kills those that do not.</summary>
internal sealed class StopCommand : Command
{
    private ValueFlag<string> _signal = null!;
    private ValueFlag<long> _timeout = null!;
    private ValueFlag<long> _time = null!;

    public override string Usage => "[OPTIONS] CONTAINER [CONTAINER...]";

    public override string Summary => "Stop one or more running containers";

    public override IReadOnlyList<string> Spellings => ["container stop", "stop"];

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _signal = flags.Text("signal", 's', "Signal to send to the container");
        _timeout = flags.Integer("timeout", 't', "Seconds to wait before the container is killed (-1 to wait for ever)");
        _time = flags.Add(new ValueFlag<long>("time", '\0', "int", string.Empty, 0, FlagValues.Integer) { Hidden = true });
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments) =>
        context.ForEach(arguments, (client, name) => client.Post(new Query($"/containers/{name}/stop")
            .AddUnlessEmpty("signal", _signal.Value).AddUnlessEmpty("t", StopTimeout.Text(_timeout, _time)).ToString()));
}
