using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Images;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Commands;

/// <summary><c>tare images</c>: lists images.</summary>
internal sealed class ImagesCommand : Command
{
    private const string DefaultTable = "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
    private const string TableWithDigests = "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
    private ValueFlag<bool> _all = null!;
    private ValueFlag<bool> _digests = null!;
    private ListFlag<string> _filter = null!;
    private ValueFlag<string> _format = null!;
    private ValueFlag<bool> _noTruncation = null!;
    private ValueFlag<bool> _quiet = null!;

    public override string Usage => "[OPTIONS] [REPOSITORY[:TAG]]";

    public override string Summary => "List images";

    public override IReadOnlyList<string> Spellings => ["image ls", "image list", "images"];

    public override int MaximumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _all = flags.Switch("all", 'a', "Show intermediate images too");
        _digests = flags.Switch("digests", '\0', "Show digests");
        _filter = FilterFlag.Define(flags);
        _format = FormatFlag.Define(flags);
        _noTruncation = flags.Switch("no-trunc", '\0', "Do not shorten what is printed");
        _quiet = flags.Switch("quiet", 'q', "Print IDs only");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        List<string> conditions = [.. _filter.Values, .. arguments.Select(static name => $"reference={name}")];
        string target = new Query("/images/json").AddIf(_all.Value, "all").AddUnlessEmpty("filters", FilterFlag.ToQuery(conditions)).ToString();
        using JsonDocument images = context.Client.Get(target);
        string format = _format.Value.Length > 0 || _quiet.Value ? _format.Value : ClientConfiguration.Text("imagesFormat");
        if (_quiet.Value && format.Length == 0)
        {
            format = "{{.ID}}";
        }

        bool withDigests = _digests.Value || format.Contains(".Digest", StringComparison.Ordinal);
        IEnumerable<TemplateRow> rows = images.RootElement.EnumerateArray()
            .SelectMany(image => ImageRow.From(image, !_noTruncation.Value, withDigests, context.Clock));
        new RowTable("ImageContext", ImageRow.Headers, _digests.Value ? TableWithDigests : DefaultTable).Print(context.Out, format, rows);
        return 0;
    }
}
