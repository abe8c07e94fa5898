using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Images;
using Tare.Cli.Output;
using Tare.Linux.Interop;
using Tare.Linux.Terminals;

namespace Tare.Cli.Commands;

/// <summary><c>tare load</c>: brings in the images of an archive.</summary>
internal sealed class LoadCommand : Command
{
    private ValueFlag<string> _input = null!;
    private ValueFlag<string> _platform = null!;
    private ValueFlag<bool> _quiet = null!;

    public override string Usage => "[OPTIONS]";

    public override string Summary => "Load an image from a tar archive or STDIN";

    public override IReadOnlyList<string> Spellings => ["image load", "load"];

    public override int MaximumArguments => 0;

    public override void Define(FlagSet flags)
    {
        _input = flags.Text("input", 'i', "Read from a tar archive file instead of standard input");
        _platform = flags.Text("platform", '\0', "Platform of the image (for example \"linux/amd64\")");
        _quiet = flags.Switch("quiet", 'q', "Show no progress");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        using Stream input = Open();
        // As Docker: who does not look gets no progress.
        bool isQuiet = _quiet.Value || !context.Out.IsTerminal;
        Query query = new Query("/images/load").Add("quiet", isQuiet ? "1" : "0").AddUnlessEmpty("platform", PlatformText.ToJson(_platform.Value));
        using DaemonResponse response = context.Client.Send(new HttpRequest("POST", query.ToString()) { BodyStream = input, Headers = [("Content-Type", "application/x-tar")] });
        ProgressPrinter.Copy(response.Body, context.Out);
        return 0;
    }

    private Stream Open()
    {
        if (_input.Value.Length == 0)
        {
            return Libc.isatty(0) == 1 ? throw new CommandException("requested load from stdin, but stdin is empty") : new StandardStream(0);
        }

        try
        {
            return new FileStream(_input.Value, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException($"open {_input.Value}: no such file or directory");
        }
        catch (UnauthorizedAccessException)
        {
            throw new CommandException($"open {_input.Value}: {(Directory.Exists(_input.Value) ? "is a directory" : "permission denied")}");
        }
    }
}
