using System.Buffers;
using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Cli.Containers;
using Tare.Cli.Output;

namespace Tare.Cli.Commands;

/// <summary><c>tare volume create</c>: creates a volume and prints its name.</summary>
internal sealed class VolumeCreateCommand : Command
{
    private ValueFlag<string> _driver = null!;
    private ListFlag<string> _labels = null!;
    private ValueFlag<string> _name = null!;
    private ListFlag<string> _options = null!;

    public override string Usage => "[OPTIONS] [VOLUME]";

    public override string Summary => "Create a volume";

    public override int MaximumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _driver = flags.Text("driver", 'd', "Driver of the volume", "local");
        _labels = flags.List("label", '\0', "Set a label on the volume", FlagValues.Label);
        _name = flags.Text("name", '\0', "Name of the volume");
        _options = flags.List("opt", 'o', "Set an option of the driver");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0 && _name.IsSet)
        {
            throw new CommandException("conflicting options: cannot specify a volume-name through both --name and as a positional arg");
        }

        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            JsonFields.TextUnlessEmpty(json, "Name", arguments.Count > 0 ? arguments[0] : _name.Value);
            json.WriteString("Driver", _driver.Value);
            JsonFields.Map(json, "DriverOpts", _options.Values);
            JsonFields.Map(json, "Labels", _labels.Values);
            json.WriteEndObject();
        }

        using JsonDocument created = context.Client.PostJson("/volumes/create", buffer.WrittenMemory);
        context.Out.WriteLine(created.RootElement.Text("Name"));
        return 0;
    }
}
