using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Cli.Explain;
using Tare.Cli.Output;

namespace Tare.Cli.Commands;

/// <summary><c>tare explain</c>: shows what a container is made of: its process, namespaces, limits, layers, mounts and network.</summary>
internal sealed class ExplainCommand : Command
{
    private ValueFlag<string> _format = null!;

    public override string Usage => "[OPTIONS] CONTAINER [CONTAINER...]";

    public override string Summary => "Show what a container is made of";

    public override IReadOnlyList<string> Spellings => ["container explain", "explain"];

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags) => _format = flags.Text("format", 'f', "Form of the output: 'json', or a tree when it is left out");

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (_format.Value is not ("" or "json"))
        {
            throw new CommandException($"\"{_format.Value}\" is not a valid value for --format");
        }

        foreach (string name in arguments)
        {
            using JsonDocument explanation = context.Client.Get($"/tare/containers/{name}/explain");
            context.Out.Write(_format.Value == "json" ? RawJson.Indent(explanation.RootElement.GetRawText(), 0) + "\n" : Draw(context.Out, explanation.RootElement));
        }

        return 0;
    }

    private static string Draw(OutputWriter output, JsonElement explanation)
    {
        TreeNode tree = ExplanationTree.From(explanation);
        bool color = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return output.IsTerminal ? TerminalTree.Render(tree, output.Columns, color) : PlainTree.Render(tree);
    }
}
