using System.Text.Json;
using Tare.Engine.Errors;
using Tare.Oci.Images;
using Tare.Registry;

namespace Tare.Engine.Images;

/// <summary>What can be asked of registries without moving an image.</summary>
public sealed class RegistryService
{
    private readonly ImageParts _parts;

    internal RegistryService(ImageParts parts) => _parts = parts;

    /// <summary>Checks credentials.</summary>
    /// <param name="server">The registry as the user names it; empty means Docker Hub.</param>
    /// <param name="auth">The credentials.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>An identity token that stands for name and password from now on; empty where the registry gives none.</returns>
    /// <exception cref="EngineException">Unauthenticated: they are wrong. Internal: the registry cannot be reached.</exception>
    public Task<string> LoginAsync(string server, RegistryAuth auth, CancellationToken cancellationToken)
        => TranslatingAsync(() => _parts.Registry.Documents.LoginAsync(server, auth, cancellationToken));

    /// <summary>Looks for repositories.</summary>
    /// <param name="term">What to look for; a registry's host before it asks that one, else Docker Hub.</param>
    /// <param name="limit">How many, up to 100; 0 for the usual 25.</param>
    /// <param name="filters">Docker's filters: is-automated, is-official, stars.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">InvalidArgument: limit or filter are wrong. Internal: the index cannot be reached.</exception>
    public async Task<IReadOnlyList<SearchResult>> SearchAsync(
        string term, int limit, IReadOnlyDictionary<string, IReadOnlyList<string>> filters, RegistryAuth? auth, CancellationToken cancellationToken)
    {
        Filtering.Filters chosen = new(filters);
        chosen.Allow("is-automated", "is-official", "stars");
        bool? automated = chosen.Boolean("is-automated");
        bool? official = chosen.Boolean("is-official");
        int stars = 0;
        foreach (string text in chosen.Has("stars") ? chosen.Get("stars") : [])
        {
            stars = int.TryParse(text, out int least) ? Math.Max(stars, least) : throw EngineErrors.InvalidFilter("stars", text);
        }

        if (term.Contains("://", StringComparison.Ordinal))
        {
            EngineErrors.ThrowInvalid($"invalid repository name: repository name ({term}) should not have a scheme");
        }

        if (limit is < 0 or > 100)
        {
            EngineErrors.ThrowInvalid($"limit {limit} is outside the range of [1, 100]");
        }

        IReadOnlyList<SearchResult> found = await TranslatingAsync(() => _parts.Registry.Documents.SearchAsync(term, limit, auth, cancellationToken));
        return [.. found.Where(result => result.Stars >= stars && (official is null || result.IsOfficial == official) && (automated is null || result.IsAutomated == automated))];
    }

    /// <summary>Tells what a reference stands for in its registry, without fetching the image.</summary>
    /// <param name="name">The reference; without tag or digest it means latest.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">InvalidArgument: no reference. NotFound, Unauthenticated: as the registry answers.</exception>
    public async Task<DistributionDetails> InspectAsync(string name, RegistryAuth? auth, CancellationToken cancellationToken)
    {
        ImageReference reference = ImageFinder.Parse(name).WithDefaultTag();
        (byte[] document, string mediaType) = await TranslatingAsync(() => _parts.Registry.Documents.GetManifestAsync(reference, auth, cancellationToken));
        Descriptor descriptor = new() { MediaType = mediaType, Digest = Digest.Of(document).ToString(), Size = document.Length };
        try
        {
            if (MediaTypes.IsIndex(mediaType))
            {
                ImageIndex index = JsonSerializer.Deserialize(document, ImagesJson.Default.ImageIndex) ?? new ImageIndex();
                return new DistributionDetails(descriptor, [.. index.Manifests.Select(manifest => manifest.Platform).OfType<Platform>()]);
            }

            ImageManifest manifest = JsonSerializer.Deserialize(document, ImagesJson.Default.ImageManifest) ?? new ImageManifest();
            if (manifest.Config?.MediaType is not (MediaTypes.OciConfig or MediaTypes.DockerConfig) || !Digest.TryParse(manifest.Config.Digest, out Digest config))
            {
                return new DistributionDetails(descriptor, []);
            }

            byte[] content = await TranslatingAsync(() => _parts.Registry.Documents.ReadBlobAsync(reference, config, auth, cancellationToken));
            ImageConfiguration configuration = JsonSerializer.Deserialize(content, ImagesJson.Default.ImageConfiguration) ?? new ImageConfiguration();
            return new DistributionDetails(descriptor, [new Platform { Os = configuration.Os, Architecture = configuration.Architecture, Variant = configuration.Variant }]);
        }
        catch (JsonException failure)
        {
            throw new EngineException(ErrorClass.DataLoss, $"the manifest of {reference.Familiar} is broken: {failure.Message}", failure);
        }
    }

    /// <summary>Reads a manifest or an index as it stands in a registry.</summary>
    /// <param name="name">The reference; without tag or digest it means latest.</param>
    /// <param name="insecure">Whether the registry may have any certificate, or none.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">InvalidArgument: no reference. NotFound, Unauthenticated: as the registry answers.</exception>
    public Task<(byte[] Content, string MediaType)> GetManifestAsync(string name, bool insecure, RegistryAuth? auth, CancellationToken cancellationToken)
    {
        ImageReference reference = ImageFinder.Parse(name).WithDefaultTag();
        return AskAsync(reference, insecure, documents => documents.GetManifestAsync(reference, auth, cancellationToken));
    }

    /// <summary>Reads a small blob of a repository, such as a configuration.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="digest">The blob.</param>
    /// <param name="insecure">Whether the registry may have any certificate, or none.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">InvalidArgument: no reference or digest. NotFound, Unauthenticated: as the registry answers.</exception>
    public Task<byte[]> ReadBlobAsync(string name, string digest, bool insecure, RegistryAuth? auth, CancellationToken cancellationToken)
    {
        ImageReference reference = ImageFinder.Parse(name);
        Digest blob = DigestOf(digest);
        return AskAsync(reference, insecure, documents => documents.ReadBlobAsync(reference, blob, auth, cancellationToken));
    }

    /// <summary>Puts a manifest or an index into a repository, under the reference's tag or, without one, under its digest.</summary>
    /// <param name="name">The reference.</param>
    /// <param name="manifest">The document.</param>
    /// <param name="mounts">Blobs that it needs, as <c>DIGEST@PATH</c> of the repository of the same registry that has them.</param>
    /// <param name="insecure">Whether the registry may have any certificate, or none.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The digest.</returns>
    /// <exception cref="EngineException">InvalidArgument: no reference or digest. Else as the registry answers.</exception>
    public async Task<string> PutManifestAsync(string name, PushManifest manifest, IReadOnlyList<string> mounts, bool insecure, RegistryAuth? auth, CancellationToken cancellationToken)
    {
        ImageReference reference = ImageFinder.Parse(name);
        List<(Digest, string)> blobs = [.. mounts.Select(mount => mount.Split('@', 2)).Select(parts => (DigestOf(parts[0]), parts.Length > 1 ? parts[1] : reference.Path))];
        return (await AskAsync(reference, insecure, documents => documents.PutManifestAsync(reference, manifest, blobs, auth, cancellationToken))).ToString();
    }

    /// <summary>A registry's failure in the engine's terms.</summary>
    internal static EngineException Translate(RegistryException failure) => new(
        failure.Kind switch
        {
            RegistryErrorKind.NotFound => ErrorClass.NotFound,
            RegistryErrorKind.Denied => ErrorClass.NotFound,
            RegistryErrorKind.Unauthenticated => ErrorClass.Unauthenticated,
            RegistryErrorKind.DataLoss => ErrorClass.DataLoss,
            _ => ErrorClass.Internal,
        },
        failure.Message,
        failure);

    private static Digest DigestOf(string text)
        => Digest.TryParse(text, out Digest digest) ? digest : throw new EngineException(ErrorClass.InvalidArgument, $"invalid digest \"{text}\"");

    private async Task<T> AskAsync<T>(ImageReference reference, bool insecure, Func<RegistryDocuments, Task<T>> ask)
    {
        if (!insecure)
        {
            return await TranslatingAsync(() => ask(_parts.Registry.Documents));
        }

        using RegistryDocuments documents = _parts.Registry.Documents.WithInsecure(reference.Domain);
        return await TranslatingAsync(() => ask(documents));
    }

    private static async Task<T> TranslatingAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (RegistryException failure)
        {
            throw Translate(failure);
        }
    }
}
