using System.Globalization;
using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Commands;

/// <summary><c>tare history</c>: shows how an image was made.</summary>
internal sealed class HistoryCommand : Command
{
    private const int CreatedByLength = 45;
    private const string DefaultTable = "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}";
    private ValueFlag<string> _format = null!;
    private ValueFlag<bool> _human = null!;
    private ValueFlag<bool> _noTruncation = null!;
    private ValueFlag<bool> _quiet = null!;

    public override string Usage => "[OPTIONS] IMAGE";

    public override string Summary => "Show the history of an image";

    public override IReadOnlyList<string> Spellings => ["image history", "history"];

    public override int MinimumArguments => 1;

    public override int MaximumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _format = FormatFlag.Define(flags);
        _human = flags.Switch("human", 'H', "Print sizes and dates for people", initial: true);
        _noTruncation = flags.Switch("no-trunc", '\0', "Do not shorten what is printed");
        _quiet = flags.Switch("quiet", 'q', "Print IDs only");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        using JsonDocument history = context.Client.Get($"/images/{arguments[0]}/history");
        string format = _quiet.Value && _format.Value.Length == 0 ? "{{.ID}}" : _format.Value;
        string created = _human.Value ? "CREATED" : "CREATED AT";
        RowTable table = new(
            "historyContext",
            [("ID", "IMAGE"), ("CreatedSince", created), ("CreatedAt", "CREATED AT"), ("CreatedBy", "CREATED BY"), ("Size", "SIZE"), ("Comment", "COMMENT")],
            DefaultTable);
        table.Print(context.Out, format, history.RootElement.EnumerateArray().Select(layer => Row(layer, context.Clock)));
        return 0;
    }

    private TemplateRow Row(JsonElement layer, TimeProvider clock)
    {
        DateTimeOffset created = layer.UnixTime("Created");
        string createdBy = layer.Text("CreatedBy").Replace('\t', ' ');
        string at = created.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return new TemplateRow("historyContext")
            .Add("ID", () => _noTruncation.Value ? layer.Text("Id") : ShortText.Id(layer.Text("Id")))
            .Add("CreatedAt", () => at)
            .Add("CreatedSince", () => _human.Value ? $"{AgeText.Human(clock.GetUtcNow() - created)} ago" : at)
            .Add("CreatedBy", () => _noTruncation.Value ? createdBy : ShortText.Ellipsis(createdBy, CreatedByLength))
            .Add("Size", () => _human.Value ? SizeText.Human(layer.Number("Size"), 3) : layer.Number("Size").ToString(CultureInfo.InvariantCulture))
            .Add("Comment", () => layer.Text("Comment"));
    }
}
