using Tare.Cli.CommandLine;
using Tare.Cli.Manifests;
using Tare.Oci.Images;

namespace Tare.Cli.Commands;

/// <summary><c>tare manifest inspect</c>: shows a manifest or a list, of the lists that are being made or of a registry.</summary>
internal sealed class ManifestInspectCommand : Command
{
    private ValueFlag<bool> _insecure = null!;
    private ValueFlag<bool> _verbose = null!;

    public override string Usage => "[OPTIONS] [MANIFEST_LIST] MANIFEST";

    public override string Summary => "Display an image manifest, or manifest list";

    public override int MinimumArguments => 1;

    public override int MaximumArguments => 2;

    public override void Define(FlagSet flags)
    {
        _insecure = flags.Switch("insecure", '\0', "Allow communication with an insecure registry");
        _verbose = flags.Switch("verbose", 'v', "Show layers and platform too");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        ImageReference reference = RegistryManifests.Parse(arguments[^1]);
        ManifestStore store = ManifestFolder.Open();
        if (arguments.Count == 2 && store.Find(RegistryManifests.Parse(arguments[0]), reference) is { } kept)
        {
            context.Out.WriteLine(_verbose.Value ? ManifestJson.Verbose([kept], asList: false) : ManifestJson.Indent(kept.Content));
            return 0;
        }

        if (arguments.Count == 1 && store.Has(reference))
        {
            PrintList(context, store.Entries(reference));
            return 0;
        }

        (byte[] document, string mediaType, IReadOnlyList<ManifestEntry> entries) = new RegistryManifests(context.Client, _insecure.Value).Fetch(reference);
        if (!MediaTypes.IsIndex(mediaType))
        {
            context.Out.WriteLine(_verbose.Value ? ManifestJson.Verbose(entries, asList: false) : ManifestJson.Indent(document));
        }
        else
        {
            PrintList(context, entries);
        }

        return 0;
    }

    private void PrintList(CommandContext context, IReadOnlyList<ManifestEntry> entries)
        => context.Out.WriteLine(_verbose.Value ? ManifestJson.Verbose(entries, asList: true) : System.Text.Encoding.UTF8.GetString(ManifestJson.List(entries)));
}
