using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;

namespace Tare.Cli.Commands;

/// <summary><c>tare diff</c>: lists what a container changed in its root file system.</summary>
internal sealed class DiffCommand : Command
{
    private const string Letters = "CAD";

    public override string Usage => "CONTAINER";

    public override string Summary => "Inspect changes to files or directories on a container's filesystem";

    public override IReadOnlyList<string> Spellings => ["container diff", "diff"];

    public override int MinimumArguments => 1;

    public override int MaximumArguments => 1;

    public override void Define(FlagSet flags)
    {
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments[0].Length == 0)
        {
            throw new CommandException("container name cannot be empty");
        }

        using JsonDocument changes = context.Client.Get($"/containers/{arguments[0]}/changes");
        if (changes.RootElement.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement change in changes.RootElement.EnumerateArray())
            {
                context.Out.WriteLine($"{Letters[(int)change.Number("Kind")]} {change.Text("Path")}");
            }
        }

        return 0;
    }
}
