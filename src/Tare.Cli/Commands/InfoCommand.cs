using System.Globalization;
using System.Text;
using System.Text.Json;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;
using Tare.Cli.Templates;

namespace Tare.Cli.Commands;

/// <summary><c>tare info</c>: shows what the daemon says about itself and its machine.</summary>
internal sealed class InfoCommand : Command
{
    private ValueFlag<string> _format = null!;

    public override string Usage => "[OPTIONS]";

    public override string Summary => "Display system-wide information";

    public override IReadOnlyList<string> Spellings => ["system info", "info"];

    public override int MaximumArguments => 0;

    public override void Define(FlagSet flags) => _format = FormatFlag.DefineForDocument(flags);

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (_format.Value.Length > 0)
        {
            using JsonDocument raw = context.Client.Get("/info");
            context.Out.WriteLine(Apply(raw.RootElement));
            return 0;
        }

        context.Out.Write($"Client:\n Version:    {ClientVersion.Text}\n Context:    default\n Debug Mode: false\n\nServer:\n");
        context.Out.Flush();
        using JsonDocument document = context.Client.Get("/info");
        StringBuilder text = new();
        AppendCounts(text, document.RootElement);
        AppendFeatures(text, document.RootElement);
        AppendMachine(text, document.RootElement);
        context.Out.Write(text.Append('\n').ToString());
        context.Out.Flush();
        foreach (string warning in document.RootElement.Texts("Warnings"))
        {
            context.Error.WriteLine(warning);
        }

        return 0;
    }

    private string Apply(JsonElement info)
    {
        try
        {
            return Template.Parse(_format.Value == "json" ? "{{json .}}" : _format.Value).Apply(info);
        }
        catch (TemplateException failure)
        {
            throw new CommandException($"template parsing error: {failure.Message}");
        }
    }

    private static void AppendCounts(StringBuilder text, JsonElement info)
    {
        Line(text, "Containers", info.Number("Containers").ToString(CultureInfo.InvariantCulture));
        Line(text, " Running", info.Number("ContainersRunning").ToString(CultureInfo.InvariantCulture));
        Line(text, " Paused", info.Number("ContainersPaused").ToString(CultureInfo.InvariantCulture));
        Line(text, " Stopped", info.Number("ContainersStopped").ToString(CultureInfo.InvariantCulture));
        Line(text, "Images", info.Number("Images").ToString(CultureInfo.InvariantCulture));
        Line(text, "Server Version", info.Text("ServerVersion"));
        Line(text, "Storage Driver", info.Text("Driver"));
        foreach (JsonElement pair in info.Items("DriverStatus"))
        {
            Line(text, $" {pair[0].GetString()}", pair[1].GetString() ?? string.Empty);
        }
    }

    private static void AppendFeatures(StringBuilder text, JsonElement info)
    {
        Line(text, "Logging Driver", info.Text("LoggingDriver"));
        Line(text, "Cgroup Driver", info.Text("CgroupDriver"));
        Line(text, "Cgroup Version", info.Text("CgroupVersion"));
        text.Append(" Plugins:\n");
        foreach (string kind in new[] { "Volume", "Network" })
        {
            Line(text, $" {kind}", string.Join(' ', info.Member("Plugins").Texts(kind)));
        }

        Line(text, " Log", string.Join(' ', info.Member("Plugins").Texts("Log")));
        AppendList(text, "CDI spec directories", [.. info.Texts("CDISpecDirs")]);
        Line(text, "Swarm", info.Member("Swarm").Text("LocalNodeState") is { Length: > 0 } swarm ? swarm : "inactive");
        Line(text, "Runtimes", string.Join(' ', info.Members("Runtimes").Select(static runtime => runtime.Name).Order(StringComparer.Ordinal)));
        Line(text, "Default Runtime", info.Text("DefaultRuntime"));
        Line(text, "Init Binary", info.Text("InitBinary"));
        foreach ((string title, string name) in new[] { ("containerd version", "ContainerdCommit"), ("runc version", "RuncCommit"), ("init version", "InitCommit") })
        {
            if (info.Member(name).ValueKind == JsonValueKind.Object)
            {
                Line(text, title, info.Member(name).Text("ID"));
            }
        }

        if (info.Items("SecurityOptions").Any())
        {
            text.Append(" Security Options:\n");
            foreach (string option in info.Texts("SecurityOptions"))
            {
                AppendSecurityOption(text, option);
            }
        }
    }

    // "name=seccomp,profile=builtin": the name on a line, the rest below it.
    private static void AppendSecurityOption(StringBuilder text, string option)
    {
        foreach (string pair in option.Split(','))
        {
            string[] parts = pair.Split('=', 2);
            string value = parts.Length > 1 ? parts[1] : string.Empty;
            text.Append(parts[0] == "name" ? $"  {value}\n" : $"   {char.ToUpperInvariant(parts[0][0])}{parts[0][1..]}: {value}\n");
        }
    }

    private static void AppendMachine(StringBuilder text, JsonElement info)
    {
        Line(text, "Kernel Version", info.Text("KernelVersion"));
        Line(text, "Operating System", info.Text("OperatingSystem"));
        Line(text, "OSType", info.Text("OSType"));
        Line(text, "Architecture", info.Text("Architecture"));
        Line(text, "CPUs", info.Number("NCPU").ToString(CultureInfo.InvariantCulture));
        Line(text, "Total Memory", SizeText.Binary(info.Number("MemTotal")));
        Line(text, "Name", info.Text("Name"));
        Line(text, "ID", info.Text("ID"));
        Line(text, "Docker Root Dir", info.Text("DockerRootDir"));
        Line(text, "Debug Mode", info.Flag("Debug") ? "true" : "false");
        Line(text, "Experimental", info.Flag("ExperimentalBuild") ? "true" : "false");
        List<string> insecure = [.. info.Member("RegistryConfig").Texts("InsecureRegistryCIDRs")];
        insecure.InsertRange(0, info.Member("RegistryConfig").Members("IndexConfigs").Where(static index => !index.Value.Flag("Secure")).Select(static index => index.Name));
        AppendList(text, "Insecure Registries", insecure);
        AppendList(text, "Registry Mirrors", [.. info.Member("RegistryConfig").Texts("Mirrors")]);
        Line(text, "Live Restore Enabled", info.Flag("LiveRestoreEnabled") ? "true" : "false");
    }

    private static void AppendList(StringBuilder text, string title, List<string> items)
    {
        if (items.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" {title}:\n");
            items.ForEach(item => text.Append(CultureInfo.InvariantCulture, $"  {item}\n"));
        }
    }

    private static void Line(StringBuilder text, string title, string value) => text.Append(CultureInfo.InvariantCulture, $" {title}: {value}\n");
}
