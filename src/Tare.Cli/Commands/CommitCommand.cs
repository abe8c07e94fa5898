using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Images;
using Tare.Cli.Output;

namespace Tare.Cli.Commands;

/// <summary><c>tare commit</c>: makes an image of a container.</summary>
internal sealed class CommitCommand : Command
{
    private ValueFlag<string> _author = null!;
    private ListFlag<string> _changes = null!;
    private ValueFlag<string> _message = null!;
    private ValueFlag<bool> _pause = null!;

    public override string Usage => "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]";

    public override string Summary => "Create a new image from a container's changes";

    public override IReadOnlyList<string> Spellings => ["container commit", "commit"];

    public override int MinimumArguments => 1;

    public override int MaximumArguments => 2;

    public override void Define(FlagSet flags)
    {
        _author = flags.Text("author", 'a', "Author of the image");
        _changes = flags.List("change", 'c', "Apply a Dockerfile instruction to the image");
        _message = flags.Text("message", 'm', "Comment of the image");
        _pause = flags.Switch("pause", 'p', "Freeze the container meanwhile", initial: true);
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        Query query = new("/commit");
        query.AddUnlessEmpty("author", _author.Value);
        foreach (string change in _changes.Values)
        {
            query.Add("changes", change);
        }

        query.AddUnlessEmpty("comment", _message.Value).Add("container", arguments[0]);
        if (!_pause.Value)
        {
            query.Add("pause", "0");
        }

        if (arguments.Count > 1 && arguments[1].Length > 0)
        {
            _ = Oci.Images.ImageReference.Parse(arguments[1]);
            ImageName name = ImageName.Parse(arguments[1]);
            query.Add("repo", name.Repository).AddUnlessEmpty("tag", name.Tag);
        }

        using JsonDocument answer = context.Client.PostJson(query.ToString(), "null"u8.ToArray());
        context.Out.WriteLine(answer.RootElement.Text("Id"));
        return 0;
    }
}
