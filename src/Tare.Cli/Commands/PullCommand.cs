using Tare.Cli.CommandLine;
using Tare.Cli.Images;
using Tare.Oci.Images;

namespace Tare.Cli.Commands;

/// <summary><c>tare pull</c>: gets an image from a registry.</summary>
internal sealed class PullCommand : Command
{
    private ValueFlag<bool> _allTags = null!;
    private ValueFlag<string> _platform = null!;
    private ValueFlag<bool> _quiet = null!;

    public override string Usage => "[OPTIONS] NAME[:TAG|@DIGEST]";

    public override string Summary => "Download an image from a registry";

    public override IReadOnlyList<string> Spellings => ["image pull", "pull"];

    public override int MinimumArguments => 1;

    public override int MaximumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _allTags = flags.Switch("all-tags", 'a', "Get every tag of the repository");
        flags.Switch("disable-content-trust", '\0', "Skip the verification of signatures", initial: true);
        _platform = flags.Text("platform", '\0', "Platform of the image, where it has several");
        _quiet = flags.Switch("quiet", 'q', "Show no progress");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        _ = ImageReference.Parse(arguments[0]);
        ImageName image = ImageName.Parse(arguments[0]);
        if (_allTags.Value && (image.Tag.Length > 0 || image.Digest.Length > 0))
        {
            throw new CommandException("tag can't be used with --all-tags/-a");
        }

        if (image.Tag.Length == 0 && image.Digest.Length == 0 && !_allTags.Value && !_quiet.Value)
        {
            context.Out.WriteLine("Using default tag: latest");
            context.Out.Flush();
        }

        ImagePuller.Pull(context.Client, image, _platform.Value, _quiet.Value ? null : context.Out, _allTags.Value);
        context.Out.WriteLine(_allTags.Value ? image.CanonicalRepository : image.Canonical);
        return 0;
    }
}
