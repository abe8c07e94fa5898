using Tare.Cli.CommandLine;
using Tare.Cli.Manifests;
using Tare.Oci.Images;

namespace Tare.Cli.Commands;

/// <summary><c>tare manifest create</c>: begins a manifest list of manifests that are in registries.</summary>
internal sealed class ManifestCreateCommand : Command
{
    private ValueFlag<bool> _amend = null!;
    private ValueFlag<bool> _insecure = null!;

    public override string Usage => "[OPTIONS] MANIFEST_LIST MANIFEST [MANIFEST...]";

    public override string Summary => "Create a local manifest list for annotating and pushing to a registry";

    public override int MinimumArguments => 2;

    public override void Define(FlagSet flags)
    {
        _amend = flags.Switch("amend", 'a', "Amend an existing manifest list");
        _insecure = flags.Switch("insecure", '\0', "Allow communication with an insecure registry");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        ImageReference list = RegistryManifests.Parse(arguments[0]);
        ManifestStore store = ManifestFolder.Open();
        if (store.Has(list) && !_amend.Value)
        {
            throw new CommandException("refusing to amend an existing manifest list with no --amend flag");
        }

        List<ImageReference> wanted = [.. arguments.Skip(1).Select(RegistryManifests.Parse)];
        RegistryManifests registry = new(context.Client, _insecure.Value);
        // All of them first: a list that lacks one is not begun.
        List<ManifestEntry> entries = wanted.ConvertAll(one => store.Find(list, one) ?? registry.FetchOne(one));
        entries.ForEach(entry => store.Save(list, entry));
        context.Out.WriteLine($"Created manifest list {list}");
        return 0;
    }
}
