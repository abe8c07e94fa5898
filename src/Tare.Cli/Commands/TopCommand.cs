using System.Text;
using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;

namespace Tare.Cli.Commands;

/// <summary><c>tare top</c>: lists the processes of a container.</summary>
internal sealed class TopCommand : Command
{
    private const int LeastWidth = 20;

    public override string Usage => "CONTAINER [ps OPTIONS]";

    public override string Summary => "Display the running processes of a container";

    public override IReadOnlyList<string> Spellings => ["container top", "top"];

    public override int MinimumArguments => 1;

    public override bool Interspersed => false;

    public override void Define(FlagSet flags)
    {
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        string options = string.Join(' ', arguments.Skip(1));
        using JsonDocument processes = context.Client.Get(new Query($"/containers/{arguments[0]}/top").AddUnlessEmpty("ps_args", options).ToString());
        StringBuilder text = new();
        text.AppendJoin('\t', processes.RootElement.Texts("Titles")).Append('\n');
        foreach (JsonElement process in processes.RootElement.Items("Processes"))
        {
            text.AppendJoin('\t', process.EnumerateArray().Select(static cell => cell.GetString())).Append('\n');
        }

        context.Out.Write(TabWriter.Align(text.ToString(), LeastWidth));
        return 0;
    }
}
