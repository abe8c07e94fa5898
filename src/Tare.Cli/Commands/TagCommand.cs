using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Images;

namespace Tare.Cli.Commands;

/// <summary><c>tare tag</c>: gives an image one more name.</summary>
internal sealed class TagCommand : Command
{
    public override string Usage => "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]";

    public override string Summary => "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE";

    public override IReadOnlyList<string> Spellings => ["image tag", "tag"];

    public override int MinimumArguments => 2;

    public override int MaximumArguments => 2;

    public override void Define(FlagSet flags)
    {
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        ImageName target = ImageName.Parse(arguments[1]);
        try
        {
            context.Client.Post(new Query($"/images/{arguments[0]}/tag").Add("repo", target.Repository).Add("tag", target.Tag.Length > 0 ? target.Tag : "latest").ToString());
            return 0;
        }
        catch (DaemonException failure) when (failure.IsBadReference)
        {
            throw new CommandException($"Error parsing reference: {GoQuote.Quote(arguments[1])} is not a valid repository/tag: {failure.Reason}");
        }
    }
}
