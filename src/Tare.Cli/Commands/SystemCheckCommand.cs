using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;

namespace Tare.Cli.Commands;

/// <summary><c>tare system check</c>: verifies every blob, layer and record of images and containers, and repairs them. Its exit code is 1 when damage is left.</summary>
internal sealed class SystemCheckCommand : Command
{
    private const int Damaged = 1;
    private ValueFlag<string> _format = null!;
    private ValueFlag<bool> _repair = null!;

    public override string Usage => "[OPTIONS]";

    public override string Summary => "Verify images, layers and records, and repair them";

    public override int MaximumArguments => 0;

    public override void Define(FlagSet flags)
    {
        _format = flags.Text("format", 'f', "Form of the output: 'json', or text when it is left out");
        _repair = flags.Switch("repair", '\0', "Remove what belongs to nothing, make damaged layers and blobs again, remove images that cannot be made whole");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (_format.Value is not ("" or "json"))
        {
            throw new CommandException($"\"{_format.Value}\" is not a valid value for --format");
        }

        using JsonDocument answer = context.Client.PostJson(new Query("/tare/system/check").AddUnlessEmpty("repair", _repair.Value ? "1" : "").ToString(), default);
        JsonElement report = answer.RootElement;
        if (_format.Value == "json")
        {
            context.Out.Write(RawJson.Indent(report.GetRawText(), 0) + "\n");
        }
        else
        {
            Print(context.Out, report);
        }

        return report.Member("IsClean").ValueKind == JsonValueKind.True ? 0 : Damaged;
    }

    private static void Print(OutputWriter output, JsonElement report)
    {
        int repaired = 0;
        int count = 0;
        foreach (JsonElement finding in report.Items("Findings"))
        {
            count++;
            string done = finding.Text("Repaired");
            repaired += done.Length > 0 ? 1 : 0;
            output.WriteLine($"{finding.Text("Kind")} {finding.Text("Object")}: {finding.Text("Problem")}");
            if (finding.Text("Path") is { Length: > 0 } path)
            {
                output.WriteLine($"    at  {path}");
            }

            output.WriteLine(done.Length > 0 ? $"    repaired: {done}" : $"    to do: {finding.Text("Remedy")}");
        }

        output.WriteLine(
            $"Checked {report.Number("Blobs")} blobs, {report.Number("Layers")} layers, {report.Number("Images")} images, {report.Number("Containers")} containers: "
            + (count == 0 ? "no damage" : $"{count} found, {repaired} repaired"));
    }
}
