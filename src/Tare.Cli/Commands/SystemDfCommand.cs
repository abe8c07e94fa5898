using System.Globalization;
using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Cli.Containers;
using Tare.Cli.Images;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Commands;

/// <summary><c>tare system df</c>: what takes space on the disk, and what of it would come free.</summary>
internal sealed class SystemDfCommand : Command
{
    private ValueFlag<string> _format = null!;
    private ValueFlag<bool> _verbose = null!;

    public override string Usage => "[OPTIONS]";

    public override string Summary => "Show disk usage";

    public override int MaximumArguments => 0;

    public override void Define(FlagSet flags)
    {
        _format = FormatFlag.Define(flags);
        _verbose = flags.Switch("verbose", 'v', "Show every image, container and volume");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        using JsonDocument answer = context.Client.Get("/system/df");
        if (_verbose.Value)
        {
            PrintAll(context, answer.RootElement);
        }
        else
        {
            RowTable table = new(
                "diskUsageContext",
                [("Type", "TYPE"), ("TotalCount", "TOTAL"), ("Active", "ACTIVE"), ("Size", "SIZE"), ("Reclaimable", "RECLAIMABLE")],
                "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}");
            table.Print(context.Out, _format.Value, Totals(answer.RootElement));
        }

        return 0;
    }

    private static TemplateRow[] Totals(JsonElement usage)
    {
        List<JsonElement> images = [.. usage.Items("Images")];
        List<JsonElement> containers = [.. usage.Items("Containers")];
        List<JsonElement> volumes = [.. usage.Items("Volumes")];
        HashSet<string> used = [.. containers.Select(static c => c.Text("ImageID"))];
        long usedImages = images.Where(i => used.Contains(i.Text("Id"))).Sum(static i => i.Number("Size"));
        long layers = usage.Number("LayersSize");
        long containerBytes = containers.Sum(static c => c.Number("SizeRw"));
        long idleBytes = containers.Where(static c => !IsActive(c)).Sum(static c => c.Number("SizeRw"));
        long volumeBytes = volumes.Sum(static v => v.Member("UsageData").Number("Size"));
        long idleVolumes = volumes.Where(static v => v.Member("UsageData").Number("RefCount") == 0).Sum(static v => v.Member("UsageData").Number("Size"));
        return
        [
            Row("Images", images.Count, images.Count(i => used.Contains(i.Text("Id"))), layers, Math.Max(0, layers - usedImages)),
            Row("Containers", containers.Count, containers.Count(IsActive), containerBytes, idleBytes),
            Row("Local Volumes", volumes.Count, volumes.Count(static v => v.Member("UsageData").Number("RefCount") > 0), volumeBytes, idleVolumes),
            Row("Build Cache", 0, 0, 0, 0),
        ];
    }

    private static TemplateRow Row(string type, int count, int active, long size, long reclaimable) => new TemplateRow("diskUsageContext")
        .Add("Active", () => active.ToString(CultureInfo.InvariantCulture))
        .Add("Reclaimable", () => SizeText.Human(reclaimable) + (size > 0 && type != "Build Cache" ? $" ({reclaimable * 100 / size}%)" : ""))
        .Add("Size", () => SizeText.Human(size))
        .Add("TotalCount", () => count.ToString(CultureInfo.InvariantCulture))
        .Add("Type", () => type);

    private static bool IsActive(JsonElement container) => container.Text("State") is "running" or "paused" or "restarting";

    private static void PrintAll(CommandContext context, JsonElement usage)
    {
        context.Out.Write("Images space usage:\n\n");
        new RowTable("ImageContext", ImageRow.Headers, "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.VirtualSize}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}")
            .Print(context.Out, "", usage.Items("Images").SelectMany(i => ImageRow.From(i, truncate: true, withDigests: false, context.Clock)));
        context.Out.Write("\nContainers space usage:\n\n");
        new RowTable("ContainerContext", ContainerRow.Headers, "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}")
            .Print(context.Out, "", usage.Items("Containers").Select(c => ContainerRow.From(c, truncate: true, context.Clock)));
        context.Out.Write("\nLocal Volumes space usage:\n\n");
        new RowTable("volumeContext", [("Name", "VOLUME NAME"), ("Links", "LINKS"), ("Size", "SIZE")], "{{.Name}}\t{{.Links}}\t{{.Size}}")
            .Print(context.Out, "", usage.Items("Volumes").Select(static v => new TemplateRow("volumeContext")
                .Add("Name", () => v.Text("Name"))
                .Add("Links", () => v.Member("UsageData").Number("RefCount").ToString(CultureInfo.InvariantCulture))
                .Add("Size", () => SizeText.Human(v.Member("UsageData").Number("Size")))));
        context.Out.Write("\nBuild cache usage: 0B\n\n");
        context.Out.Write("CACHE ID   CACHE TYPE   SIZE      CREATED   LAST USED   USAGE     SHARED\n");
    }
}
