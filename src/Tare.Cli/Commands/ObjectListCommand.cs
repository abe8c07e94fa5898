using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Commands;

/// <summary>What the lists of small objects (networks, volumes) have in common: filter, format, quiet, and the order by name.</summary>
internal abstract class ObjectListCommand : Command
{
    private ListFlag<string> _filter = null!;
    private ValueFlag<string> _format = null!;
    private ValueFlag<bool> _quiet = null!;

    public sealed override string Usage => "[OPTIONS]";

    public sealed override int MaximumArguments => 0;

    /// <summary>Where the daemon lists them.</summary>
    protected abstract string Address { get; }

    /// <summary>The field that stands for an object in a quiet list.</summary>
    protected abstract string Key { get; }

    /// <summary>What the quiet list prints, for the help.</summary>
    protected abstract string QuietSummary { get; }

    public override void Define(FlagSet flags)
    {
        _filter = FilterFlag.Define(flags);
        _format = FormatFlag.Define(flags);
        _quiet = flags.Switch("quiet", 'q', QuietSummary);
    }

    public sealed override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        using JsonDocument answer = context.Client.Get(new Query(Address).AddUnlessEmpty("filters", FilterFlag.ToQuery(_filter.Values)).ToString());
        string format = _quiet.Value && _format.Value.Length == 0 ? $"{{{{.{Key}}}}}" : _format.Value;
        Table().Print(context.Out, format, Objects(answer.RootElement).OrderBy(static item => item.Text("Name"), StringComparer.Ordinal).Select(item => Row(item, context.Clock)));
        return 0;
    }

    /// <summary>The columns.</summary>
    protected abstract RowTable Table();

    /// <summary>The objects in the daemon's answer.</summary>
    protected abstract IEnumerable<JsonElement> Objects(JsonElement answer);

    /// <summary>The row of an object.</summary>
    protected abstract TemplateRow Row(JsonElement item, TimeProvider clock);

    /// <summary>An object's labels as <c>a=1,b=2</c>.</summary>
    protected static string Labels(JsonElement item) => string.Join(',', item.Members("Labels").Select(static label => $"{label.Name}={label.Value.GetString()}"));
}
