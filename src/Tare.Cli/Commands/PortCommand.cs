using System.Globalization;
using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Cli.Containers;
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
        string? wanted = arguments.Count == 2 ? Wanted(arguments[1]) : null;
        using JsonDocument container = context.Client.Get($"/containers/{arguments[0]}/json");
        List<string> lines = [];
        foreach (JsonProperty port in container.RootElement.Member("NetworkSettings").Members("Ports").Where(static port => port.Value.ValueKind == JsonValueKind.Array))
        {
            if (wanted is null || wanted == port.Name)
            {
                string before = wanted is null ? $"{port.Name} -> " : string.Empty;
                lines.AddRange(port.Value.EnumerateArray().Select(binding => $"{before}{PortText.Host(binding.Text("HostIp"))}:{binding.Text("HostPort")}"));
            }
        }

        if (wanted is not null && lines.Count == 0)
        {
            throw new CommandException($"Error: No public port '{arguments[1]}' published for {arguments[0]}");
        }

        foreach (string line in lines.Order(NaturalOrder.Instance))
        {
            context.Out.WriteLine(line);
        }

        return 0;
    }

    /// <summary>The port with its protocol, tcp unless it says otherwise.</summary>
    private static string Wanted(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string number = slash < 0 ? text : text[..slash];
        if (!ushort.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            string reason = number.Length > 0 && number.All(char.IsAsciiDigit) ? "value out of range" : "invalid syntax";
            throw new CommandException($"Error: invalid port ({number}): strconv.ParseUint: parsing {GoQuote.Quote(number)}: {reason}");
        }

        return slash < 0 || slash == text.Length - 1 ? $"{number}/tcp" : text;
    }
}
