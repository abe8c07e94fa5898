using Tare.Cli.CommandLine;
using Tare.Cli.Manifests;
using Tare.Oci.Images;

namespace Tare.Cli.Commands;

/// <summary><c>tare manifest annotate</c>: says more of an entry of a manifest list that is being made.</summary>
internal sealed class ManifestAnnotateCommand : Command
{
    private ValueFlag<string> _architecture = null!;
    private ListFlag<string> _features = null!;
    private ValueFlag<string> _os = null!;
    private ValueFlag<string> _osVersion = null!;
    private ValueFlag<string> _variant = null!;

    public override string Usage => "[OPTIONS] MANIFEST_LIST MANIFEST";

    public override string Summary => "Add additional information to a local image manifest";

    public override int MinimumArguments => 2;

    public override int MaximumArguments => 2;

    public override void Define(FlagSet flags)
    {
        _architecture = flags.Text("arch", '\0', "Set architecture");
        _os = flags.Text("os", '\0', "Set operating system");
        _features = flags.List("os-features", '\0', "Set operating system feature");
        _osVersion = flags.Text("os-version", '\0', "Set operating system version");
        _variant = flags.Text("variant", '\0', "Set architecture variant");
    }

    public override int Run(CommandContext context, IReadOnlyList<string> arguments)
    {
        ImageReference list = RegistryManifests.Parse(arguments[0]);
        ImageReference reference = RegistryManifests.Parse(arguments[1]);
        ManifestStore store = ManifestFolder.Open();
        ManifestEntry entry = store.Find(list, reference) ?? throw new CommandException($"manifest for image {arguments[1]} does not exist in {arguments[0]}");
        Platform platform = entry.Platform with
        {
            Architecture = Or(_architecture.Value, entry.Platform.Architecture)!,
            Os = Or(_os.Value, entry.Platform.Os)!,
            Variant = Or(_variant.Value, entry.Platform.Variant),
            OsVersion = Or(_osVersion.Value, entry.Platform.OsVersion),
            OsFeatures = _features.Values.Count == 0 ? entry.Platform.OsFeatures : [.. (entry.Platform.OsFeatures ?? []).Concat(_features.Values.SelectMany(text => text.Split(','))).Distinct()],
        };
        if (!PlatformNames.Has(platform.Os, platform.Architecture))
        {
            throw new CommandException($"manifest entry for image has unsupported os/arch combination: {platform.Os}/{platform.Architecture}");
        }

        store.Save(list, entry with { Platform = platform });
        return 0;
    }

    private static string? Or(string given, string? otherwise) => given.Length > 0 ? given : otherwise;
}
