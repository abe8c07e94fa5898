using Tare.Cli.Client;

namespace Tare.Cli.Manifests;

/// <summary>Where the user's lists are.</summary>
internal static class ManifestFolder
{
    /// <summary>The store of the user's lists.</summary>
    public static ManifestStore Open() => new(Path.Combine(ClientConfiguration.Folder, "manifests"));
}
