using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Commands;

/// <summary><c>tare network ls</c>: lists networks.</summary>
internal sealed class NetworkListCommand : ObjectListCommand
{
    private ValueFlag<bool> _noTruncation = null!;

    public override string Summary => "List networks";

    public override IReadOnlyList<string> Spellings => ["network ls", "network list"];

    protected override string Address => "/networks";

    protected override string Key => "ID";

    protected override string QuietSummary => "Print IDs only";

    public override void Define(FlagSet flags)
    {
        base.Define(flags);
        _noTruncation = flags.Switch("no-trunc", '\0', "Do not shorten what is printed");
    }

    protected override RowTable Table() => new(
        "networkContext",
        [("ID", "NETWORK ID"), ("Name", "NAME"), ("Driver", "DRIVER"), ("Scope", "SCOPE"), ("IPv6", "IPV6"), ("IPv4", "IPV4"), ("Internal", "INTERNAL"), ("Labels", "LABELS"), ("CreatedAt", "CREATED AT")],
        "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}");

    protected override IEnumerable<JsonElement> Objects(JsonElement answer) => answer.EnumerateArray();

    protected override TemplateRow Row(JsonElement item, TimeProvider clock) => new TemplateRow("networkContext")
        .Add("ID", () => _noTruncation.Value ? item.Text("Id") : ShortText.Id(item.Text("Id")))
        .Add("Name", () => item.Text("Name"))
        .Add("Driver", () => item.Text("Driver"))
        .Add("Scope", () => item.Text("Scope"))
        .Add("IPv4", () => item.Flag("EnableIPv4") ? "true" : "false")
        .Add("IPv6", () => item.Flag("EnableIPv6") ? "true" : "false")
        .Add("Internal", () => item.Flag("Internal") ? "true" : "false")
        .Add("Labels", () => Labels(item))
        .Add("CreatedAt", () => ClockText.Go(item.Text("Created"), clock));
}
