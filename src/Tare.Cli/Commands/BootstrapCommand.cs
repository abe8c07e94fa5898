using Tare.Cli.Bootstrap;
using Tare.Cli.Client;
using Tare.Cli.CommandLine;
using Tare.Cli.Images;
using Tare.Cli.Output;
using Tare.Linux.Processes;

namespace Tare.Cli.Commands;

/// <summary><c>tare image bootstrap</c>: a base image from a distribution's own packages, where no registry is in reach.</summary>
internal sealed class BootstrapCommand : Command
{
    // Not /tmp, which is often mounted nodev: debootstrap makes device nodes.
    private const string WorkPlace = "/var/tmp";

    private ValueFlag<string> _architecture = null!;
    private ListFlag<string> _include = null!;
    private ValueFlag<string> _mirror = null!;
    private ValueFlag<string> _variant = null!;
    private ValueFlag<bool> _quiet = null!;

    public override string Usage => "[OPTIONS] DISTRIBUTION[:SUITE] [REPOSITORY[:TAG]]";

    public override string Summary => "Make a base image from the packages of Debian or Ubuntu";

    public override IReadOnlyList<string> Spellings => ["image bootstrap"];

    public override int MinimumArguments => 1;

    public override int MaximumArguments => 2;

    public override void Define(FlagSet flags)
    {
        _architecture = flags.Text("arch", '\0', "Architecture, as dpkg names it", Distribution.OwnArchitecture);
        _include = flags.List("include", '\0', "Further packages");
        _mirror = flags.Text("mirror", '\0', "URL of the package archive");
        _quiet = flags.Switch("quiet", 'q', "Suppress the progress output");
        _variant = flags.Text("variant", '\0', "Variant of debootstrap", "minbase");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        Distribution distribution = Distribution.Parse(arguments[0]);
        ImageName name = ImageName.Parse(arguments.Count > 1 ? arguments[1] : $"{distribution.Name}:{distribution.Suite}");
        if (!Environment.IsPrivilegedProcess)
        {
            throw new CommandException($"packages are installed as root. hint: sudo tare image bootstrap {arguments[0]}");
        }

        BootstrapOptions options = new(
            _mirror.Value.Length > 0 ? _mirror.Value : distribution.DefaultMirror(), _variant.Value, _architecture.Value, [.. _include.Values.SelectMany(static list => list.Split(','))]);
        string folder = Path.Combine(WorkPlace, "tare-bootstrap-" + Guid.NewGuid().ToString("N")[..12]);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            RootBuilder root = new(distribution, folder);
            root.Build(options, _quiet.Value ? static _ => { } : line => context.Error.WriteLine(line));
            RootArchive archive = new(root, folder);
            archive.Pack(name.Familiar, options.Architecture, $"debootstrap --variant={options.Variant} {distribution.Suite} {options.Mirror}");
            Load(context, archive);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static void Load(CommandContext context, RootArchive archive)
    {
        (FileStream content, SpawnedProcess process) = archive.Open();
        using (content)
        using (process)
        {
            using DaemonResponse response = context.Client.Send(new HttpRequest("POST", "/images/load?quiet=1") { BodyStream = content });
            ProgressPrinter.Copy(response.Body, context.Out);
            archive.Expect(process);
        }
    }
}
