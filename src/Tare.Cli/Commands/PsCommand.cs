using System.Globalization;
using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Containers;
using Tare.Cli.Output;

namespace Tare.Cli.Commands;

/// <summary><c>tare ps</c>: lists containers.</summary>
internal sealed class PsCommand : Command
{
    private const string DefaultTable = "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";
    private ValueFlag<bool> _all = null!;
    private ListFlag<string> _filter = null!;
    private ValueFlag<string> _format = null!;
    private ValueFlag<long> _last = null!;
    private ValueFlag<bool> _latest = null!;
    private ValueFlag<bool> _noTruncation = null!;
    private ValueFlag<bool> _quiet = null!;
    private ValueFlag<bool> _size = null!;

    public override string Usage => "[OPTIONS]";

    public override string Summary => "List containers";

    public override IReadOnlyList<string> Spellings => ["container ls", "container list", "container ps", "ps"];

    public override int MaximumArguments => 0;

    public override void Define(FlagSet flags)
    {
        _all = flags.Switch("all", 'a', "Show all containers, not only running ones");
        _filter = FilterFlag.Define(flags);
        _format = FormatFlag.Define(flags);
        _last = flags.Integer("last", 'n', "Show the n last created containers, running or not", -1);
        _latest = flags.Switch("latest", 'l', "Show the last created container, running or not");
        _noTruncation = flags.Switch("no-trunc", '\0', "Do not shorten what is printed");
        _quiet = flags.Switch("quiet", 'q', "Print IDs only");
        _size = flags.Switch("size", 's', "Show sizes of files");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        string format = _format.Value.Length > 0 || _quiet.Value ? _format.Value : ClientConfiguration.Text("psFormat");
        bool size = _size.Value || format.Contains(".Size", StringComparison.Ordinal) || format.Contains("json .}", StringComparison.Ordinal);
        long last = _latest.Value && !_last.IsSet ? 1 : _last.Value;
        string target = new Query("/containers/json").AddIf(_all.Value, "all").AddUnlessEmpty("filters", FilterFlag.ToQuery(_filter.Values))
            .AddUnlessEmpty("limit", last > 0 ? last.ToString(CultureInfo.InvariantCulture) : string.Empty).AddIf(size, "size").ToString();
        using JsonDocument containers = context.Client.Get(target);
        if (_quiet.Value && format.Length == 0)
        {
            format = "{{.ID}}";
        }

        string table = size && format.Length == 0 ? $"{DefaultTable}\t{{{{.Size}}}}" : DefaultTable;
        new RowTable("ContainerContext", ContainerRow.Headers, table).Print(
            context.Out, format, containers.RootElement.EnumerateArray().Select(container => ContainerRow.From(container, !_noTruncation.Value, context.Clock)));
        return 0;
    }
}
