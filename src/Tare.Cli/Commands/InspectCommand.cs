using System.Text;
using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Commands;

/// <summary><c>tare inspect</c>: prints everything that the daemon knows about containers, images, networks or volumes.</summary>
/// <param name="kind">container, image, network or volume; empty to try them in this order.</param>
internal sealed class InspectCommand(string kind) : Command
{
    private const int BadTemplate = 64;
    private ValueFlag<string> _format = null!;
    private ValueFlag<bool>? _size;
    private ValueFlag<string>? _type;

    public override string Usage => kind.Length == 0 ? "[OPTIONS] NAME|ID [NAME|ID...]" : $"[OPTIONS] {kind.ToUpperInvariant()} [{kind.ToUpperInvariant()}...]";

    public override string Summary => kind.Length == 0 ? "Return low-level information on objects" : $"Display detailed information on one or more {kind}s";

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _format = FormatFlag.DefineForDocument(flags);
        if (kind is "" or "container")
        {
            _size = flags.Switch("size", 's', "Show sizes of files, for containers");
        }

        if (kind.Length == 0)
        {
            _type = flags.Text("type", '\0', "Only objects of this type: container, image, network or volume");
        }
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        string type = _type?.Value is { Length: > 0 } named ? named : kind;
        if (type is not ("" or "container" or "image" or "network" or "volume"))
        {
            throw new CommandException($"unknown type: \"{type}\": must be one of \"container\", \"image\", \"network\", \"volume\"");
        }

        Template? template = ParseTemplate();
        List<byte[]> documents = [];
        List<string> failures = [];
        foreach (string name in arguments)
        {
            try
            {
                documents.Add(Fetch(context.Client, type, name));
            }
            catch (DaemonException failure)
            {
                failures.Add(failure.Status == 404 && type.Length == 0 ? $"Error: No such object: {name}" : failure.Message);
            }
        }

        context.Out.Write(_format.Value == "json" ? Compact(documents) : template is null ? Indented(documents) : Applied(template, documents, failures));
        if (template is not null && documents.Count == 0)
        {
            context.Out.Write("\n");
        }

        context.Out.Flush();
        return failures.Count == 0 ? 0 : throw new CommandException(string.Join('\n', failures));
    }

    private Template? ParseTemplate()
    {
        string format = _format.Value;
        if (format is "" or "json")
        {
            return null;
        }

        try
        {
            return Template.Parse(format);
        }
        catch (TemplateException failure)
        {
            throw new CommandException($"template parsing error: {failure.Message}", BadTemplate);
        }
    }

    private byte[] Fetch(DaemonClient client, string type, string name)
    {
        string size = _size?.Value == true ? "?size=1" : string.Empty;
        string[] types = type.Length > 0 ? [type] : ["container", "image", "network", "volume"];
        DaemonException? failure = null;
        foreach (string candidate in types)
        {
            string target = candidate switch
            {
                "container" => $"/containers/{name}/json{size}",
                "image" => $"/images/{name}/json",
                "network" => $"/networks/{name}",
                _ => $"/volumes/{name}",
            };
            try
            {
                using DaemonResponse response = client.Send(new HttpRequest("GET", target));
                return response.Body.ReadAll();
            }
            catch (DaemonException refused) when (refused.Status is 404 or 400)
            {
                // Not of this type; what is said about the last type counts.
                failure = refused.Status == 404 || type.Length > 0 ? refused : new DaemonException(404, refused.Reason);
            }
        }

        throw failure!;
    }

    private static string Indented(List<byte[]> documents)
    {
        if (documents.Count == 0)
        {
            return "[]\n";
        }

        IEnumerable<string> indented = documents.Select(static document => "    " + RawJson.Indent(Encoding.UTF8.GetString(document).Trim(), 1));
        return $"[\n{string.Join(",\n", indented)}\n]\n";
    }

    private static string Compact(List<byte[]> documents) => $"[{string.Join(',', documents.Select(static document => Encoding.UTF8.GetString(document).Trim()))}]\n";

    private static string Applied(Template template, List<byte[]> documents, List<string> failures)
    {
        StringBuilder text = new();
        foreach (byte[] bytes in documents)
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            try
            {
                text.Append(template.Apply(document.RootElement)).Append('\n');
            }
            catch (TemplateException failure)
            {
                failures.Add($"template parsing error: {failure.Message}");
                return text.Append('\n').ToString();
            }
        }

        return text.ToString();
    }
}
