using System.Globalization;
using System.Text.Json;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Commands;

/// <summary><c>tare wait</c>: waits for the end of containers and prints their exit codes.</summary>
internal sealed class WaitCommand : Command
{
    public override string Usage => "CONTAINER [CONTAINER...]";

    public override string Summary => "Block until one or more containers stop, then print their exit codes";

    public override IReadOnlyList<string> Spellings => ["container wait", "wait"];

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags)
    {
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        return context.ForEach(arguments, (client, name) =>
        {
            using JsonDocument exit = client.PostJson($"/containers/{name}/wait", default);
            string code = exit.RootElement.GetProperty("StatusCode").GetInt64().ToString(CultureInfo.InvariantCulture);
            lock (context.Out)
            {
                context.Out.WriteLine(code);
                context.Out.Flush();
            }
        }, print: static _ => false);
    }
}
