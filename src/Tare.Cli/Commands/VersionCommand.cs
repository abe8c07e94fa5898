using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Commands;

/// <summary><c>tare version</c>: shows the versions of client and daemon.</summary>
internal sealed class VersionCommand : Command
{
    private ValueFlag<string> _format = null!;

    public override string Usage => "[OPTIONS]";

    public override string Summary => "Show the version information of client and daemon";

    public override int MaximumArguments => 0;

    public override void Define(FlagSet flags) => _format = FormatFlag.DefineForDocument(flags);

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        JsonDocument? server = null;
        string failure = string.Empty;
        try
        {
            server = context.Client.Get("/version");
        }
        catch (Exception refused) when (refused is UnreachableException or DaemonException)
        {
            // The client's half is worth printing without a daemon.
            failure = refused.Message;
        }

        using (server)
        {
            context.Out.Write(_format.Value.Length == 0 ? Text(server?.RootElement) : Formatted(server?.RootElement));
        }

        return failure.Length == 0 ? 0 : throw new CommandException(failure);
    }

    private static string Architecture => RuntimeInformation.ProcessArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };

    private string Formatted(JsonElement? server)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("Client");
            json.WriteString("Version", ClientVersion.Text);
            json.WriteString("ApiVersion", ClientVersion.Api);
            json.WriteString("APIVersion", ClientVersion.Api);
            json.WriteString("DefaultAPIVersion", ClientVersion.Api);
            json.WriteString("Os", "linux");
            json.WriteString("Arch", Architecture);
            json.WriteString("Context", "default");
            json.WriteEndObject();
            json.WritePropertyName("Server");
            if (server is { } document)
            {
                WriteServer(json, document);
            }
            else
            {
                json.WriteNullValue();
            }

            json.WriteEndObject();
        }

        using JsonDocument both = JsonDocument.Parse(buffer.ToArray());
        try
        {
            return Template.Parse(_format.Value == "json" ? "{{json .}}" : _format.Value).Apply(both.RootElement) + "\n";
        }
        catch (TemplateException failure)
        {
            throw new CommandException($"template parsing error: {failure.Message}");
        }
    }

    /// <summary>Templates written for docker name the field as its types do (APIVersion), readers of its JSON as the API does (ApiVersion): both work.</summary>
    private static void WriteServer(Utf8JsonWriter json, JsonElement server)
    {
        json.WriteStartObject();
        foreach (JsonProperty property in server.EnumerateObject())
        {
            property.WriteTo(json);
        }

        json.WriteString("APIVersion", server.Text("ApiVersion"));
        json.WriteEndObject();
    }

    private static string Text(JsonElement? server)
    {
        StringBuilder text = new();
        text.Append("Client:\n");
        Line(text, 1, "Version:", ClientVersion.Text);
        Line(text, 1, "API version:", ClientVersion.Api);
        Line(text, 1, "OS/Arch:", $"linux/{Architecture}");
        Line(text, 1, "Context:", "default");
        if (server is not { } daemon)
        {
            return text.ToString();
        }

        string platform = daemon.Member("Platform").Text("Name");
        text.Append(platform.Length > 0 ? $"\nServer: {platform}\n" : "\nServer:\n");
        foreach (JsonElement component in daemon.Items("Components"))
        {
            text.Append(CultureInfo.InvariantCulture, $" {component.Text("Name")}:\n");
            Line(text, 2, "Version:", component.Text("Version"));
            AppendDetails(text, component);
        }

        return text.ToString();
    }

    private static void AppendDetails(StringBuilder text, JsonElement component)
    {
        JsonElement details = component.Member("Details");
        if (component.Text("Name") != "Engine")
        {
            foreach (JsonProperty detail in component.Members("Details").OrderBy(static detail => detail.Name, StringComparer.Ordinal))
            {
                Line(text, 2, $"{detail.Name}:", detail.Value.ToString());
            }

            return;
        }

        Line(text, 2, "API version:", $"{details.Text("ApiVersion")} (minimum version {details.Text("MinAPIVersion")})");
        foreach ((string title, string name) in new[] { ("Go version:", "GoVersion"), ("Git commit:", "GitCommit"), ("Built:", "BuildTime") })
        {
            if (details.Text(name) is { Length: > 0 } value)
            {
                Line(text, 2, title, value);
            }
        }

        Line(text, 2, "OS/Arch:", $"{details.Text("Os")}/{details.Text("Arch")}");
        Line(text, 2, "Experimental:", details.Text("Experimental") is { Length: > 0 } experimental ? experimental : "false");
    }

    private static void Line(StringBuilder text, int indent, string title, string value)
    {
        text.Append(' ', indent).Append(title.PadRight(20 - indent - 1)).Append(value).Append('\n');
    }
}
