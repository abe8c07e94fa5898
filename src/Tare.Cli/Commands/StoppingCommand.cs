using Tare.Cli.Client;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Commands;

/// <summary>What <c>stop</c> and <c>restart</c> share: a signal, a time to wait, and a request for each container.</summary>
/// <param name="operation">The last part of the request's path.</param>
internal abstract class StoppingCommand(string operation) : Command
{
    private ValueFlag<string> _signal = null!;
    private ValueFlag<long> _timeout = null!;
    private ValueFlag<long> _time = null!;

    public override string Usage => "[OPTIONS] CONTAINER [CONTAINER...]";

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _signal = flags.Text("signal", 's', "Signal to send to the container");
        _timeout = flags.Integer("timeout", 't', "Seconds to wait before the container is killed (-1 to wait for ever)");
        _time = flags.Add(new ValueFlag<long>("time", '\0', "int", string.Empty, 0, FlagValues.Integer) { Hidden = true });
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments) =>
        context.ForEach(arguments, (client, name) => client.Post(new Query($"/containers/{name}/{operation}")
            .AddUnlessEmpty("signal", _signal.Value).AddUnlessEmpty("t", StopTimeout.Text(_timeout, _time)).ToString()));
}
