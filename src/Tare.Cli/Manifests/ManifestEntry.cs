using Tare.Oci.Images;

namespace Tare.Cli.Manifests;

/// <summary>A manifest as an entry of a list that is being made.</summary>
/// <param name="Reference">Where it is.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Platform">What it runs on.</param>
internal sealed record ManifestEntry(ImageReference Reference, string MediaType, byte[] Content, Platform Platform)
{
    /// <summary>Digest of the bytes.</summary>
    public Digest Digest { get; } = Digest.Of(Content);
}
