using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Commands;

/// <summary><c>tare network ls</c>: lists networks.</summary>
internal sealed class NetworkListCommand : Command
{
    private ListFlag<string> _filter = null!;
    private ValueFlag<string> _format = null!;
    private ValueFlag<bool> _noTruncation = null!;
    private ValueFlag<bool> _quiet = null!;

    public override string Usage => "[OPTIONS]";

    public override string Summary => "List networks";

    public override IReadOnlyList<string> Spellings => ["network ls", "network list"];

    public override int MaximumArguments => 0;

    public override void Define(FlagSet flags)
    {
        _filter = FilterFlag.Define(flags);
        _format = FormatFlag.Define(flags);
        _noTruncation = flags.Switch("no-trunc", '\0', "Do not shorten what is printed");
        _quiet = flags.Switch("quiet", 'q', "Print IDs only");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        using JsonDocument networks = context.Client.Get(new Query("/networks").AddUnlessEmpty("filters", FilterFlag.ToQuery(_filter.Values)).ToString());
        string format = _quiet.Value && _format.Value.Length == 0 ? "{{.ID}}" : _format.Value;
        RowTable table = new(
            "networkContext",
            [("ID", "NETWORK ID"), ("Name", "NAME"), ("Driver", "DRIVER"), ("Scope", "SCOPE"), ("IPv6", "IPV6"), ("IPv4", "IPV4"), ("Internal", "INTERNAL"), ("Labels", "LABELS"), ("CreatedAt", "CREATED AT")],
            "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}");
        table.Print(context.Out, format, networks.RootElement.EnumerateArray().OrderBy(static network => network.Text("Name"), StringComparer.Ordinal).Select(network => Row(network, context.Clock)));
        return 0;
    }

    private TemplateRow Row(JsonElement network, TimeProvider clock) => new TemplateRow("networkContext")
        .Add("ID", () => _noTruncation.Value ? network.Text("Id") : ShortText.Id(network.Text("Id")))
        .Add("Name", () => network.Text("Name"))
        .Add("Driver", () => network.Text("Driver"))
        .Add("Scope", () => network.Text("Scope"))
        .Add("IPv4", () => network.Flag("EnableIPv4") ? "true" : "false")
        .Add("IPv6", () => network.Flag("EnableIPv6") ? "true" : "false")
        .Add("Internal", () => network.Flag("Internal") ? "true" : "false")
        .Add("Labels", () => string.Join(',', network.Members("Labels").Select(static label => $"{label.Name}={label.Value.GetString()}")))
        .Add("CreatedAt", () => ClockText.Go(network.Text("Created"), clock));
}
