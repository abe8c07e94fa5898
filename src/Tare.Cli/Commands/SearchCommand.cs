using System.Globalization;
using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Credentials;
using Tare.Cli.Images;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Commands;

/// <summary><c>tare search</c>: looks for images in a registry's index.</summary>
internal sealed class SearchCommand : Command
{
    private const string DefaultTable = "{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}";
    private const string Official = "[OK]";
    private const int DescriptionLength = 45;

    private static readonly (string, string)[] s_headers =
    [
        ("Name", "NAME"), ("Description", "DESCRIPTION"), ("StarCount", "STARS"), ("IsOfficial", "OFFICIAL"), ("IsAutomated", "AUTOMATED"),
    ];

    private ListFlag<string> _filter = null!;
    private ValueFlag<string> _format = null!;
    private ValueFlag<long> _limit = null!;
    private ValueFlag<bool> _noTruncation = null!;

    public override string Usage => "[OPTIONS] TERM";

    public override string Summary => "Search Docker Hub for images";

    public override int MinimumArguments => 1;

    public override int MaximumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _filter = FilterFlag.Define(flags);
        _format = flags.Text("format", '\0', "Print each result by this Go template");
        _limit = flags.Integer("limit", '\0', "Greatest number of results");
        _noTruncation = flags.Switch("no-trunc", '\0', "Do not shorten what is printed");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        string target = new Query("/images/search").Add("term", arguments[0]).AddUnlessEmpty("filters", FilterFlag.ToQuery(_filter.Values))
            .AddUnlessEmpty("limit", _limit.Value == 0 ? "" : _limit.Value.ToString(CultureInfo.InvariantCulture)).ToString();
        string registry = ImageName.Parse(arguments[0]).Registry;
        HttpRequest request = new("GET", target)
        {
            Headers = CredentialStore.Default.HeaderFor(registry) is { } header ? [("X-Registry-Auth", header)] : [],
        };
        using DaemonResponse response = context.Client.Send(request);
        using JsonDocument found = response.ReadJson();
        new RowTable("searchContext", s_headers, DefaultTable).Print(context.Out, _format.Value, found.RootElement.EnumerateArray().Select(Row));
        return 0;
    }

    private TemplateRow Row(JsonElement result)
    {
        string description = result.Text("description").Replace('\n', ' ').Replace('\r', ' ');
        TemplateRow row = new("searchContext");
        row.Add("Name", () => result.Text("name"));
        row.Add("Description", () => _noTruncation.Value || description.Length <= DescriptionLength ? description : description[..(DescriptionLength - 1)] + "…");
        row.Add("StarCount", () => result.Number("star_count").ToString(CultureInfo.InvariantCulture));
        row.Add("IsOfficial", () => result.Flag("is_official") ? Official : "");
        row.Add("IsAutomated", () => result.Flag("is_automated") ? Official : "");
        return row;
    }
}
