using Tare.Cli.CommandLine;
using Tare.Cli.Manifests;
using Tare.Oci.Images;

namespace Tare.Cli.Commands;

/// <summary><c>tare manifest rm</c>: removes manifest lists that are being made.</summary>
internal sealed class ManifestRemoveCommand : Command
{
    public override string Usage => "MANIFEST_LIST [MANIFEST_LIST...]";

    public override string Summary => "Delete one or more manifest lists from local storage";

    public override int MinimumArguments => 1;

    public override void Define(FlagSet flags)
    {
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        ManifestStore store = ManifestFolder.Open();
        List<string> missing = [];
        foreach (string name in arguments)
        {
            ImageReference list = RegistryManifests.Parse(name);
            if (store.Has(list))
            {
                store.Remove(list);
            }
            else
            {
                missing.Add($"No such manifest: {list}");
            }
        }

        return missing.Count == 0 ? 0 : throw new CommandException(string.Join('\n', missing));
    }
}
