using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;

namespace Tare.Cli.Commands;

/// <summary><c>tare rmi</c>: removes images, or names of images that have several.</summary>
internal sealed class RmiCommand : Command
{
    private ValueFlag<bool> _force = null!;
    private ValueFlag<bool> _noPrune = null!;
    private ListFlag<string> _platforms = null!;

    public override string Usage => "[OPTIONS] IMAGE [IMAGE...]";

    public override string Summary => "Remove one or more images";

    public override IReadOnlyList<string> Spellings => ["image rm", "image remove", "rmi"];

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _force = flags.Switch("force", 'f', "Remove the image even if containers use it");
        _noPrune = flags.Switch("no-prune", '\0', "Keep parents without a name");
        _platforms = flags.List("platform", '\0', "Remove only this platform of an image with several");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        List<string> failures = [];
        bool absentOnly = true;
        foreach (string name in arguments)
        {
            try
            {
                Query query = new Query($"/images/{name}").AddIf(_force.Value, "force").AddIf(_noPrune.Value, "noprune");
                _platforms.Values.ForEach(platform => query.Add("platforms", platform));
                using JsonDocument removed = JsonDocument.Parse(context.Client.Delete(query.ToString()));
                Print(context.Out, removed.RootElement);
            }
            catch (DaemonException failure)
            {
                absentOnly &= failure.Status == 404;
                failures.Add(failure.Message);
            }
        }

        context.Out.Flush();
        failures.ForEach(failure => context.Error.WriteLine(failure));
        return failures.Count == 0 || (_force.Value && absentOnly) ? 0 : 1;
    }

    private static void Print(OutputWriter output, JsonElement removed)
    {
        foreach (JsonElement step in removed.EnumerateArray())
        {
            output.WriteLine(step.Text("Deleted") is { Length: > 0 } deleted ? $"Deleted: {deleted}" : $"Untagged: {step.Text("Untagged")}");
        }
    }
}
