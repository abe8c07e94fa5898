using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;

namespace Tare.Cli.Commands;

/// <summary><c>tare port</c>: shows where the ports of a container are published.</summary>
internal sealed class PortCommand : Command
{
    public override string Usage => "CONTAINER [PRIVATE_PORT[/PROTO]]";

    public override string Summary => "List port mappings or a specific mapping for the container";

    public override IReadOnlyList<string> Spellings => ["container port", "port"];

    public override int MinimumArguments => 1;

    public override int MaximumArguments => 2;

    public override void Define(FlagSet flags)
    {
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        using JsonDocument container = context.Client.Get($"/containers/{arguments[0]}/json");
        List<JsonProperty> ports = [.. container.RootElement.Member("NetworkSettings").Members("Ports").Where(static port => port.Value.ValueKind == JsonValueKind.Array)];
        if (arguments.Count == 1)
        {
            foreach (JsonProperty port in ports.OrderBy(static port => int.Parse(port.Name.Split('/')[0], System.Globalization.CultureInfo.InvariantCulture)))
            {
                foreach (JsonElement binding in port.Value.EnumerateArray())
                {
                    context.Out.WriteLine($"{port.Name} -> {Address(binding)}");
                }
            }

            return 0;
        }

        string wanted = arguments[1].Contains('/', StringComparison.Ordinal) ? arguments[1] : $"{arguments[1]}/tcp";
        JsonElement bindings = ports.Find(port => port.Name == wanted).Value;
        if (bindings.ValueKind != JsonValueKind.Array || bindings.GetArrayLength() == 0)
        {
            throw new CommandException($"Error: No public port '{arguments[1]}' published for {arguments[0]}");
        }

        foreach (JsonElement binding in bindings.EnumerateArray())
        {
            context.Out.WriteLine(Address(binding));
        }

        return 0;
    }

    private static string Address(JsonElement binding)
    {
        string ip = binding.Text("HostIp");
        return $"{(ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : ip)}:{binding.Text("HostPort")}";
    }
}
