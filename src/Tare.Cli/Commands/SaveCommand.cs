using Tare.Cli.Archives;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Images;

namespace Tare.Cli.Commands;

/// <summary><c>tare save</c>: writes images as an archive.</summary>
internal sealed class SaveCommand : Command
{
    private ValueFlag<string> _output = null!;
    private ValueFlag<string> _platform = null!;

    public override string Usage => "[OPTIONS] IMAGE [IMAGE...]";

    public override string Summary => "Save one or more images to a tar archive (streamed to STDOUT by default)";

    public override IReadOnlyList<string> Spellings => ["image save", "save"];

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _output = flags.Text("output", 'o', "Write to a file instead of standard output");
        _platform = flags.Text("platform", '\0', "Platform of the images (for example \"linux/amd64\")");
    }

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
                throw new CommandException($"failed to save image: {failure.Message}");
            }
        }

        Query query = new("/images/get");
        foreach (string name in arguments)
        {
            query.Add("names", name);
        }

        query.AddUnlessEmpty("platform", PlatformText.ToJson(_platform.Value));
        using DaemonResponse response = context.Client.Send(new HttpRequest("GET", query.ToString()));
        OutputFile.Copy(response.Body, _output.Value, context.Out);
        return 0;
    }
}
