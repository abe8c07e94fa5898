using System.Text.Json;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Commands;

/// <summary><c>tare volume ls</c>: lists volumes.</summary>
internal sealed class VolumeListCommand : ObjectListCommand
{
    private const string Unknown = "N/A";

    public override string Summary => "List volumes";

    public override IReadOnlyList<string> Spellings => ["volume ls", "volume list"];

    protected override string Address => "/volumes";

    protected override string Key => "Name";

    protected override string QuietSummary => "Print names only";

    protected override RowTable Table() => new(
        "volumeContext",
        [("Name", "VOLUME NAME"), ("Driver", "DRIVER"), ("Scope", "SCOPE"), ("Mountpoint", "MOUNTPOINT"), ("Labels", "LABELS"), ("Links", "LINKS"), ("Size", "SIZE"), ("Availability", "AVAILABILITY"), ("Group", "GROUP"), ("Status", "STATUS")],
        "{{.Driver}}\t{{.Name}}");

    protected override IEnumerable<JsonElement> Objects(JsonElement answer) => answer.Items("Volumes");

    protected override TemplateRow Row(JsonElement item, TimeProvider clock) => new TemplateRow("volumeContext")
        .Add("Name", () => item.Text("Name"))
        .Add("Driver", () => item.Text("Driver"))
        .Add("Scope", () => item.Text("Scope"))
        .Add("Mountpoint", () => item.Text("Mountpoint"))
        .Add("Labels", () => Labels(item))
        .Add("Links", static () => Unknown)
        .Add("Size", static () => Unknown)
        .Add("Availability", static () => Unknown)
        .Add("Group", static () => Unknown)
        .Add("Status", static () => Unknown)
        .AddMethod("Label", arguments => arguments is [string name] ? item.Member("Labels").Text(name) : string.Empty);
}
