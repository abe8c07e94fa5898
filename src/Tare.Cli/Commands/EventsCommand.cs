using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Commands;

/// <summary><c>tare events</c>: prints what happens, as it happens.</summary>
internal sealed class EventsCommand : Command
{
    private ListFlag<string> _filter = null!;
    private ValueFlag<string> _format = null!;
    private ValueFlag<string> _since = null!;
    private ValueFlag<string> _until = null!;

    public override string Usage => "[OPTIONS]";

    public override string Summary => "Get real time events from the server";

    public override IReadOnlyList<string> Spellings => ["system events", "events"];

    public override int MaximumArguments => 0;

    public override void Define(FlagSet flags)
    {
        _filter = FilterFlag.Define(flags);
        _format = flags.Text("format", '\0', "Form of the output: 'json' or a Go template");
        _since = flags.Text("since", '\0', "Show what happened since a time");
        _until = flags.Text("until", '\0', "Stop at a time");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        string target = new Query("/events").AddUnlessEmpty("since", TimeArgument.Parse("since", _since.Value, context.Clock))
            .AddUnlessEmpty("until", TimeArgument.Parse("until", _until.Value, context.Clock)).AddUnlessEmpty("filters", FilterFlag.ToQuery(_filter.Values)).ToString();
        Template? template = ParseTemplate();
        using DaemonResponse response = context.Client.Send(new HttpRequest("GET", target));
        using StreamReader reader = new(response.Body);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                using JsonDocument message = JsonDocument.Parse(line);
                context.Out.WriteLine(Line(template, message.RootElement, line, context.Clock));
                context.Out.Flush();
            }
        }

        return 0;
    }

    private Template? ParseTemplate()
    {
        try
        {
            return _format.Value.Length == 0 || _format.Value == "json" ? null : Template.Parse(_format.Value);
        }
        catch (TemplateException failure)
        {
            throw new CommandException($"Error parsing format: {failure.Message}", 64);
        }
    }

    private string Line(Template? template, JsonElement message, string raw, TimeProvider clock)
    {
        if (template is null)
        {
            return _format.Value == "json" ? raw.TrimEnd() : Text(message, clock);
        }

        try
        {
            return template.Apply(message);
        }
        catch (TemplateException failure)
        {
            throw new CommandException(failure.Message);
        }
    }

    private static string Text(JsonElement message, TimeProvider clock)
    {
        const long PerSecond = 1_000_000_000;
        long nanoseconds = message.Number("timeNano") is > 0 and long exact ? exact : message.Number("time") * PerSecond;
        JsonElement actor = message.Member("Actor");
        string line = $"{ClockText.Rfc3339(nanoseconds, clock)} {message.Text("Type")} {message.Text("Action")} {actor.Text("ID")}";
        string[] attributes = [.. actor.Members("Attributes").OrderBy(static pair => pair.Name, StringComparer.Ordinal).Select(static pair => $"{pair.Name}={pair.Value.GetString()}")];
        return attributes.Length == 0 ? line : $"{line} ({string.Join(", ", attributes)})";
    }
}
