using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Images;
using Tare.Cli.Output;
using Tare.Linux.Terminals;

namespace Tare.Cli.Commands;

/// <summary><c>tare import</c>: makes an image of a root file system in a tar file, from a file, standard input or a URL that the daemon fetches.</summary>
internal sealed class ImportCommand : Command
{
    private ListFlag<string> _changes = null!;
    private ValueFlag<string> _message = null!;
    private ValueFlag<string> _platform = null!;

    public override string Usage => "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]";

    public override string Summary => "Import the contents from a tarball to create a filesystem image";

    public override IReadOnlyList<string> Spellings => ["image import", "import"];

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _changes = flags.List("change", 'c', "Apply a Dockerfile instruction to the image");
        _message = flags.Text("message", 'm', "Comment of the image");
        _platform = flags.Text("platform", '\0', "Platform of the image");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        string source = arguments[0];
        bool isUrl = source.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || source.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        using Stream? content = isUrl ? null : Open(source);
        Query query = new("/images/create");
        foreach (string change in _changes.Values)
        {
            query.Add("changes", change);
        }

        query.Add("fromSrc", isUrl ? source : "-").AddUnlessEmpty("message", _message.Value).AddUnlessEmpty("platform", _platform.Value);
        if (arguments.Count > 1)
        {
            ImageName name = ImageName.Parse(arguments[1]);
            query.Add("repo", name.Repository).AddUnlessEmpty("tag", name.Tag);
        }

        using DaemonResponse response = context.Client.Send(new HttpRequest("POST", query.ToString()) { BodyStream = content });
        ProgressPrinter.Copy(response.Body, context.Out);
        return 0;
    }

    private static Stream Open(string path)
    {
        if (path == "-")
        {
            return new StandardStream(0);
        }

        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException($"open {path}: no such file or directory");
        }
        catch (UnauthorizedAccessException)
        {
            throw new CommandException($"open {path}: {(Directory.Exists(path) ? "is a directory" : "permission denied")}");
        }
    }
}
