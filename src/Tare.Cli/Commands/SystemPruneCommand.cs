using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Linux.Terminals;

namespace Tare.Cli.Commands;

/// <summary><c>tare system prune</c>: removes stopped containers, networks, unused images and build cache, and with <c>--volumes</c> anonymous volumes.</summary>
internal sealed class SystemPruneCommand : Command
{
    private ValueFlag<bool> _all = null!;
    private ListFlag<string> _filter = null!;
    private ValueFlag<bool> _force = null!;
    private ValueFlag<bool> _volumes = null!;

    public override string Usage => "[OPTIONS]";

    public override string Summary => "Remove unused data";

    public override int MaximumArguments => 0;

    public override void Define(FlagSet flags)
    {
        _all = flags.Switch("all", 'a', "Remove all unused images not just dangling ones");
        _filter = FilterFlag.Define(flags, '\0');
        _force = flags.Switch("force", 'f', "Do not ask");
        _volumes = flags.Switch("volumes", '\0', "Prune anonymous volumes");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (_volumes.Value && _filter.Values.Any(static f => f.StartsWith("until=", StringComparison.Ordinal)))
        {
            throw new CommandException("The \"until\" filter is not supported with \"--volumes\"");
        }

        if (!_force.Value && !Confirmed(context))
        {
            return 0;
        }

        long bytes = Prune(context, "containers", "ContainersDeleted", "Deleted Containers:", [.. _filter.Values]);
        bytes += Prune(context, "networks", "NetworksDeleted", "Deleted Networks:", [.. _filter.Values]);
        if (_volumes.Value)
        {
            bytes += Prune(context, "volumes", "VolumesDeleted", "Deleted Volumes:", [.. _filter.Values]);
        }

        bytes += Prune(context, "images", "ImagesDeleted", "Deleted Images:", [.. _filter.Values, .. _all.Value ? (string[])["dangling=false"] : []]);
        bytes += Prune(context, "build", "CachesDeleted", "Deleted build cache objects:", [.. _filter.Values]);
        context.Out.WriteLine($"Total reclaimed space: {SizeText.Human(bytes)}");
        return 0;
    }

    private static long Prune(CommandContext context, string kind, string field, string title, IReadOnlyList<string> filters)
    {
        string target = new Query($"/{kind}/prune").AddUnlessEmpty("filters", FilterFlag.ToQuery(filters)).ToString();
        using JsonDocument report = context.Client.PostJson(target, default);
        List<string> removed = kind == "images"
            ? [.. report.RootElement.Items(field).Select(static step => step.Text("Deleted") is { Length: > 0 } id ? $"deleted: {id}" : $"untagged: {step.Text("Untagged")}")]
            : [.. report.RootElement.Texts(field)];
        if (removed.Count > 0)
        {
            context.Out.WriteLine(title);
            removed.ForEach(line => context.Out.WriteLine(line));
            context.Out.WriteLine(string.Empty);
        }

        return report.RootElement.Number("SpaceReclaimed");
    }

    private bool Confirmed(CommandContext context)
    {
        string images = _all.Value ? "all images without at least one container associated to them" : "all dangling images";
        string cache = _all.Value ? "all build cache" : "unused build cache";
        string volumes = _volumes.Value ? "  - all anonymous volumes not used by at least one container\n" : "";
        string filters = _filter.Values.Count > 0 ? $"\n  Items to be pruned will be filtered with:\n{string.Concat(_filter.Values.Select(static f => $"  - {f}\n"))}" : "";
        context.Out.Write($"WARNING! This will remove:\n  - all stopped containers\n  - all networks not used by at least one container\n{volumes}  - {images}\n  - {cache}\n{filters}\nAre you sure you want to continue? [y/N] ");
        context.Out.Flush();
        using StreamReader input = new(new StandardStream(0));
        return input.ReadLine()?.Trim() is "y" or "Y";
    }
}
