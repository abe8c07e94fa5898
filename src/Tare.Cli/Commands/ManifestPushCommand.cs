using Tare.Cli.CommandLine;
using Tare.Cli.Manifests;
using Tare.Oci.Images;

namespace Tare.Cli.Commands;

/// <summary><c>tare manifest push</c>: puts a manifest list that was made here into its repository.</summary>
internal sealed class ManifestPushCommand : Command
{
    private ValueFlag<bool> _insecure = null!;
    private ValueFlag<bool> _purge = null!;

    public override string Usage => "[OPTIONS] MANIFEST_LIST";

    public override string Summary => "Push a manifest list to a repository";

    public override int MinimumArguments => 1;

    public override int MaximumArguments => 1;

    public override void Define(FlagSet flags)
    {
        _insecure = flags.Switch("insecure", '\0', "Allow push to an insecure registry");
        _purge = flags.Switch("purge", 'p', "Remove the local manifest list after push");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        ImageReference list = RegistryManifests.Parse(arguments[0]);
        ManifestStore store = ManifestFolder.Open();
        IReadOnlyList<ManifestEntry> entries = store.Entries(list);
        if (entries.Count == 0)
        {
            throw new CommandException($"No such manifest: {list}");
        }

        Check(list, entries);
        RegistryManifests registry = new(context.Client, _insecure.Value);
        foreach (ManifestEntry entry in entries.Where(entry => entry.Reference.Path != list.Path))
        {
            context.Out.WriteLine($"Pushed ref {list.WithDigest(entry.Digest)} with digest: {registry.Bring(list, entry)}");
            context.Out.Flush();
        }

        context.Out.WriteLine(registry.Put(list, ManifestJson.List(entries), ManifestJson.ListType(entries)));
        if (_purge.Value)
        {
            store.Remove(list);
        }

        return 0;
    }

    private static void Check(ImageReference list, IReadOnlyList<ManifestEntry> entries)
    {
        foreach (ManifestEntry entry in entries)
        {
            if (entry.Platform.Os.Length == 0 || entry.Platform.Architecture.Length == 0)
            {
                throw new CommandException($"manifest {entry.Reference} must have an OS and Architecture to be pushed to a registry");
            }

            if (entry.Reference.Domain != list.Domain)
            {
                throw new CommandException($"cannot use source images from a different registry than the target image: {entry.Reference.Domain} != {list.Domain}");
            }
        }
    }
}
