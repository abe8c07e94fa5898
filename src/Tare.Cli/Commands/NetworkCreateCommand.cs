using System.Buffers;
using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Cli.Containers;
using Tare.Cli.Output;

namespace Tare.Cli.Commands;

/// <summary><c>tare network create</c>: creates a network.</summary>
internal sealed class NetworkCreateCommand : Command
{
    private ValueFlag<string> _driver = null!;
    private ListFlag<string> _gateways = null!;
    private ValueFlag<bool> _internal = null!;
    private ListFlag<string> _labels = null!;
    private ListFlag<string> _options = null!;
    private ListFlag<string> _subnets = null!;

    public override string Usage => "[OPTIONS] NETWORK";

    public override string Summary => "Create a network";

    public override int MinimumArguments => 1;

    public override int MaximumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _driver = flags.Text("driver", 'd', "Driver of the network", "bridge");
        _gateways = flags.List("gateway", '\0', "Gateway of a subnet");
        _internal = flags.Switch("internal", '\0', "Let the network reach nothing outside");
        _labels = flags.List("label", '\0', "Set a label on the network", FlagValues.Label);
        _options = flags.List("opt", 'o', "Set an option of the driver");
        _subnets = flags.List("subnet", '\0', "Subnet in CIDR form");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("Name", arguments[0]);
            json.WriteString("Driver", _driver.Value);
            json.WriteBoolean("Internal", _internal.Value);
            JsonFields.Map(json, "Labels", _labels.Values);
            JsonFields.Map(json, "Options", _options.Values);
            WriteAddresses(json);
            json.WriteEndObject();
        }

        using JsonDocument created = context.Client.PostJson("/networks/create", buffer.WrittenMemory);
        context.Out.WriteLine(created.RootElement.Text("Id"));
        return 0;
    }

    private void WriteAddresses(Utf8JsonWriter json)
    {
        if (_subnets.Values.Count == 0)
        {
            return;
        }

        json.WriteStartObject("IPAM");
        json.WriteStartArray("Config");
        for (int i = 0; i < _subnets.Values.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("Subnet", _subnets.Values[i]);
            JsonFields.TextUnlessEmpty(json, "Gateway", _gateways.Values.ElementAtOrDefault(i) ?? string.Empty);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
