using Tare.Cli.Archives;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;

namespace Tare.Cli.Commands;

/// <summary><c>tare export</c>: writes a container's root file system as a tar archive.</summary>
internal sealed class ExportCommand : Command
{
    private ValueFlag<string> _output = null!;

    public override string Usage => "[OPTIONS] CONTAINER";

    public override string Summary => "Export a container's filesystem as a tar archive";

    public override IReadOnlyList<string> Spellings => ["container export", "export"];

    public override int MinimumArguments => 1;

    public override int MaximumArguments => 1;

    public override void Define(FlagSet flags) => _output = flags.Text("output", 'o', "Write to a file instead of standard output");

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (_output.Value.Length == 0 && context.Out.IsTerminal)
        {
            throw new CommandException("cowardly refusing to save to a terminal. Use the -o flag or redirect");
        }

        if (_output.Value.Length > 0)
        {
            try
            {
                OutputFile.CheckFile(_output.Value);
            }
            catch (CommandException failure)
            {
                throw new CommandException($"failed to export container: {failure.Message}");
            }
        }

        using DaemonResponse response = context.Client.Send(new HttpRequest("GET", $"/containers/{arguments[0]}/export"));
        OutputFile.Copy(response.Body, _output.Value, context.Out);
        return 0;
    }
}
