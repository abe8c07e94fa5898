using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Linux.Terminals;

namespace Tare.Cli.Commands;

/// <summary><c>tare container|image|network|volume prune</c>: removes what nothing uses.</summary>
/// <param name="kind">containers, images, networks or volumes.</param>
internal sealed class PruneCommand(string kind) : Command
{
    private ValueFlag<bool>? _all;
    private ListFlag<string> _filter = null!;
    private ValueFlag<bool> _force = null!;

    public override string Usage => "[OPTIONS]";

    public override string Summary => kind switch
    {
        "containers" => "Remove all stopped containers",
        "images" => "Remove unused images",
        "networks" => "Remove all unused networks",
        _ => "Remove unused volumes",
    };

    public override int MaximumArguments => 0;

    public override void Define(FlagSet flags)
    {
        if (kind is "images" or "volumes")
        {
            _all = flags.Switch("all", 'a', kind == "images" ? "Remove all unused images, not only those without a name" : "Remove all unused volumes, not only anonymous ones");
        }

        _filter = FilterFlag.Define(flags, '\0');
        _force = flags.Switch("force", 'f', "Do not ask");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (!_force.Value && !Confirmed(context))
        {
            return 0;
        }

        List<string> conditions = [.. _filter.Values];
        if (_all?.Value == true)
        {
            conditions.Add(kind == "images" ? "dangling=false" : "all=true");
        }

        string target = new Query($"/{kind}/prune").AddUnlessEmpty("filters", FilterFlag.ToQuery(conditions)).ToString();
        using JsonDocument report = context.Client.PostJson(target, default);
        Print(context.Out, report.RootElement);
        return 0;
    }

    private void Print(OutputWriter output, JsonElement report)
    {
        List<string> removed = kind switch
        {
            "containers" => [.. report.Texts("ContainersDeleted")],
            "networks" => [.. report.Texts("NetworksDeleted")],
            "volumes" => [.. report.Texts("VolumesDeleted")],
            _ => [.. report.Items("ImagesDeleted").Select(static step => step.Text("Deleted") is { Length: > 0 } id ? $"deleted: {id}" : $"untagged: {step.Text("Untagged")}")],
        };
        if (removed.Count > 0)
        {
            output.WriteLine($"Deleted {char.ToUpperInvariant(kind[0])}{kind[1..]}:");
            removed.ForEach(line => output.WriteLine(line));
            output.WriteLine(string.Empty);
        }

        if (kind == "networks")
        {
            return; // they take no space
        }

        output.WriteLine($"Total reclaimed space: {SizeText.Human(report.Number("SpaceReclaimed"))}");
    }

    private bool Confirmed(CommandContext context)
    {
        string what = kind switch
        {
            "containers" => "all stopped containers",
            "networks" => "all custom networks not used by at least one container",
            "images" => _all?.Value == true ? "all images without at least one container associated to them" : "all dangling images",
            _ => _all?.Value == true ? "all volumes not used by at least one container" : "anonymous local volumes not used by at least one container",
        };
        context.Out.Write($"WARNING! This will remove {what}.\nAre you sure you want to continue? [y/N] ");
        context.Out.Flush();
        using StreamReader input = new(new StandardStream(0));
        return input.ReadLine()?.Trim() is "y" or "Y";
    }
}
