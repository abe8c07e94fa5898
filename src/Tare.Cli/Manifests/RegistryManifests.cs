using System.Text.Json;
using Tare.Cli.CommandLine;
using Tare.Cli.Credentials;
using Tare.Oci.Images;
using Tare.Registry;

namespace Tare.Cli.Manifests;

/// <summary>Reads and writes manifests in registries, with the user's credentials. No daemon takes part.</summary>
internal sealed class RegistryManifests : IDisposable
{
    private readonly RegistryDocuments _registry;
    private readonly CredentialStore _credentials = CredentialStore.Default;

    /// <summary>Makes a client.</summary>
    /// <param name="insecure">Registries that are spoken to without TLS, or without checking certificates.</param>
    public RegistryManifests(IReadOnlyList<string> insecure)
        => _registry = new RegistryDocuments(new RegistryOptions { InsecureRegistries = insecure });

    /// <summary>A reference with its tag, as it stands for one manifest.</summary>
    public static ImageReference Parse(string text) => ImageReference.Parse(text).WithDefaultTag();

    /// <summary>Fetches a manifest, or all those of a list.</summary>
    /// <exception cref="CommandException">There is none, or it may not be read (Docker's words).</exception>
    public (byte[] Document, string MediaType, IReadOnlyList<ManifestEntry> Entries) Fetch(ImageReference reference)
    {
        (byte[] document, string mediaType) = Manifest(reference);
        if (!MediaTypes.IsIndex(mediaType))
        {
            return (document, mediaType, [Entry(reference, document, mediaType, null)]);
        }

        ImageIndex index = JsonSerializer.Deserialize(document, ImagesJson.Default.ImageIndex) ?? new ImageIndex();
        return (document, mediaType, [.. index.Manifests.Select(descriptor =>
        {
            ImageReference one = reference.WithDigest(Digest.Parse(descriptor.Digest));
            (byte[] content, string type) = Manifest(one);
            return Entry(one, content, type, descriptor.Platform);
        })]);
    }

    /// <summary>Fetches the manifest of one platform.</summary>
    /// <exception cref="CommandException">There is none, or it is a list.</exception>
    public ManifestEntry FetchOne(ImageReference reference)
    {
        (byte[] document, string mediaType) = Manifest(reference);
        return MediaTypes.IsIndex(mediaType) ? throw new CommandException($"{reference} is a manifest list") : Entry(reference, document, mediaType, null);
    }

    /// <summary>Puts a manifest of another repository of the same registry beside a list: its blobs are mounted.</summary>
    /// <returns>Its digest there.</returns>
    public Digest Bring(ImageReference target, ManifestEntry entry)
    {
        ImageManifest manifest = JsonSerializer.Deserialize(entry.Content, ImagesJson.Default.ImageManifest) ?? new ImageManifest();
        (Digest, string)[] blobs = [.. manifest.Layers.Append(manifest.Config ?? new Descriptor()).Where(blob => blob.Urls is null or [])
            .Select(blob => (Digest.Parse(blob.Digest), entry.Reference.Path)).Distinct()];
        return Ask(target, auth => _registry.PutManifestAsync(target.WithDigest(entry.Digest), new PushManifest(entry.Content, entry.MediaType), blobs, auth, CancellationToken.None));
    }

    /// <summary>Puts a list.</summary>
    /// <returns>Its digest.</returns>
    public Digest Put(ImageReference target, byte[] list, string mediaType)
        => Ask(target, auth => _registry.PutManifestAsync(target, new PushManifest(list, mediaType), [], auth, CancellationToken.None));

    /// <inheritdoc/>
    public void Dispose() => _registry.Dispose();

    private (byte[] Content, string MediaType) Manifest(ImageReference reference)
    {
        try
        {
            return Ask(reference, auth => _registry.GetManifestAsync(reference, auth, CancellationToken.None));
        }
        catch (RegistryException missing) when (missing.Kind == RegistryErrorKind.NotFound)
        {
            throw new CommandException($"no such manifest: {reference}");
        }
        catch (RegistryException failure)
        {
            throw new CommandException(failure.Message);
        }
    }

    private ManifestEntry Entry(ImageReference reference, byte[] content, string mediaType, Platform? platform)
    {
        if (platform is null)
        {
            ImageManifest manifest = JsonSerializer.Deserialize(content, ImagesJson.Default.ImageManifest) ?? new ImageManifest();
            bool isImage = manifest.Config?.MediaType is MediaTypes.OciConfig or MediaTypes.DockerConfig;
            ImageConfiguration configuration = isImage
                ? JsonSerializer.Deserialize(Ask(reference, auth => _registry.ReadBlobAsync(reference, Digest.Parse(manifest.Config!.Digest), auth, CancellationToken.None)), ImagesJson.Default.ImageConfiguration) ?? new ImageConfiguration()
                : new ImageConfiguration();
            platform = new Platform { Architecture = configuration.Architecture, Os = configuration.Os, Variant = configuration.Variant };
        }

        return new ManifestEntry(reference, mediaType, content, platform);
    }

    private T Ask<T>(ImageReference reference, Func<RegistryAuth?, Task<T>> ask)
    {
        RegistryCredential? known = _credentials.Get(RegistryServer.KeyOf(reference.Domain));
        return ask(known is null ? null : new RegistryAuth(known.Username, known.Password, known.IdentityToken, known.RegistryToken)).GetAwaiter().GetResult();
    }
}
