using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Commands;

/// <summary><c>tare volume ls</c>: lists volumes.</summary>
internal sealed class VolumeListCommand : Command
{
    private const string Unknown = "N/A";
    private ListFlag<string> _filter = null!;
    private ValueFlag<string> _format = null!;
    private ValueFlag<bool> _quiet = null!;

    public override string Usage => "[OPTIONS]";

    public override string Summary => "List volumes";

    public override IReadOnlyList<string> Spellings => ["volume ls", "volume list"];

    public override int MaximumArguments => 0;

    public override void Define(FlagSet flags)
    {
        _filter = FilterFlag.Define(flags);
        _format = FormatFlag.Define(flags);
        _quiet = flags.Switch("quiet", 'q', "Print names only");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        using JsonDocument volumes = context.Client.Get(new Query("/volumes").AddUnlessEmpty("filters", FilterFlag.ToQuery(_filter.Values)).ToString());
        string format = _quiet.Value && _format.Value.Length == 0 ? "{{.Name}}" : _format.Value;
        RowTable table = new(
            "volumeContext",
            [("Name", "VOLUME NAME"), ("Driver", "DRIVER"), ("Scope", "SCOPE"), ("Mountpoint", "MOUNTPOINT"), ("Labels", "LABELS"), ("Links", "LINKS"), ("Size", "SIZE"), ("Availability", "AVAILABILITY"), ("Group", "GROUP"), ("Status", "STATUS")],
            "{{.Driver}}\t{{.Name}}");
        table.Print(context.Out, format, volumes.RootElement.Items("Volumes").OrderBy(static volume => volume.Text("Name"), StringComparer.Ordinal).Select(Row));
        return 0;
    }

    private static TemplateRow Row(JsonElement volume) => new TemplateRow("volumeContext")
        .Add("Name", () => volume.Text("Name"))
        .Add("Driver", () => volume.Text("Driver"))
        .Add("Scope", () => volume.Text("Scope"))
        .Add("Mountpoint", () => volume.Text("Mountpoint"))
        .Add("Labels", () => string.Join(',', volume.Members("Labels").Select(static label => $"{label.Name}={label.Value.GetString()}")))
        .Add("Links", static () => Unknown)
        .Add("Size", static () => Unknown)
        .Add("Availability", static () => Unknown)
        .Add("Group", static () => Unknown)
        .Add("Status", static () => Unknown)
        .AddMethod("Label", arguments => arguments is [string name] ? volume.Member("Labels").Text(name) : string.Empty);
}
