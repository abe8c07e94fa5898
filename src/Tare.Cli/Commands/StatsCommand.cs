using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Containers;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Commands;

/// <summary><c>tare stats</c>: shows what containers use, each second or once.</summary>
internal sealed class StatsCommand : Command
{
    private const string DefaultTable = "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}";
    private const string ClearScreen = "\x1b[H\x1b[2J";
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private ValueFlag<bool> _all = null!;
    private ValueFlag<bool> _noStream = null!;
    private ValueFlag<bool> _noTruncation = null!;
    private ValueFlag<string> _format = null!;

    public override string Usage => "[OPTIONS] [CONTAINER...]";

    public override string Summary => "Display a live stream of container(s) resource usage statistics";

    public override IReadOnlyList<string> Spellings => ["container stats", "stats"];

    public override void Define(FlagSet flags)
    {
        _all = flags.Switch("all", 'a', "Show all containers (default shows just running)");
        _noStream = flags.Switch("no-stream", '\0', "Disable streaming stats and only pull the first result");
        _noTruncation = flags.Switch("no-trunc", '\0', "Do not truncate output");
        _format = FormatFlag.Define(flags);
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        string format = _format.Value.Length > 0 ? _format.Value : ClientConfiguration.Text("statsFormat");
        Dictionary<string, JsonDocument> before = Read(context, arguments);
        while (true)
        {
            Thread.Sleep(s_interval);
            Dictionary<string, JsonDocument> now = Read(context, arguments);
            if (!_noStream.Value)
            {
                context.Out.Write(ClearScreen);
            }

            Print(context, format, now, before);
            context.Out.Flush();
            if (_noStream.Value)
            {
                return 0;
            }

            before = now;
        }
    }

    private void Print(CommandContext context, string format, Dictionary<string, JsonDocument> now, Dictionary<string, JsonDocument> before)
    {
        List<TemplateRow> rows = [.. now.Select(entry => StatisticsRow.From(
            entry.Key, entry.Value.RootElement, before.TryGetValue(entry.Key, out JsonDocument? earlier) ? earlier.RootElement : default, !_noTruncation.Value))];
        new RowTable("statsContext", StatisticsRow.Headers, DefaultTable).Print(context.Out, format, rows);
    }

    // In the order of the command line, or of the list; a container that is gone meanwhile is left out of a list, and an error when it was named.
    private Dictionary<string, JsonDocument> Read(CommandContext context, IReadOnlyList<string> named)
    {
        IReadOnlyList<string> names = named.Count > 0 ? named : Listed(context);
        Dictionary<string, JsonDocument> readings = [];
        foreach (string name in names)
        {
            try
            {
                readings[name] = context.Client.Get(new Query($"/containers/{name}/stats").Add("stream", "0").Add("one-shot", "1").ToString());
            }
            catch (DaemonException failure) when (named.Count == 0 && failure.Status == 404)
            {
                continue;
            }
        }

        return readings;
    }

    private List<string> Listed(CommandContext context)
    {
        using JsonDocument containers = context.Client.Get(new Query("/containers/json").AddIf(_all.Value, "all").ToString());
        return [.. containers.RootElement.EnumerateArray().Select(container => ShortText.Id(container.Text("Id")))];
    }
}
