using Tare.Oci.Images;
using Tare.Registry.Auth;
using Tare.Registry.Pulling;
using Tare.Registry.Pushing;
using Tare.Registry.Transport;
using Tare.Storage.Content;
using Tare.Storage.Layers;

namespace Tare.Registry;

/// <summary>
/// Moves images between registries (distribution-spec 1.1) and a machine's stores. May be used from any thread; layers that two pulls want at once are fetched once.
/// </summary>
public sealed class RegistryClient : IDisposable
{
    private readonly RegistryOptions _options;
    private readonly RegistryHttp _http;
    private readonly LayerFetcher _layers;
    private readonly ImagePull _pull;
    private readonly SemaphoreSlim _uploads;

    /// <summary>Makes a client for a machine's stores.</summary>
    /// <param name="options">How registries are spoken to.</param>
    /// <param name="content">Where blobs go.</param>
    /// <param name="layers">Where layers are unpacked.</param>
    public RegistryClient(RegistryOptions options, ContentStore content, LayerStore layers)
        : this(options, content, layers, new RegistryHttp(options))
    {
    }

    internal RegistryClient(RegistryOptions options, ContentStore content, LayerStore layers, HttpMessageHandler secure, HttpMessageHandler insecure)
        : this(options, content, layers, new RegistryHttp(options, endpoint => endpoint.Insecure ? insecure : secure))
    {
    }

    private RegistryClient(RegistryOptions options, ContentStore content, LayerStore layers, RegistryHttp http)
    {
        _options = options;
        _http = http;
        _layers = new LayerFetcher(content, layers, options);
        _pull = new ImagePull(content, _layers);
        _uploads = new SemaphoreSlim(options.MaximumUploads, options.MaximumUploads);
    }

    /// <summary>Pulls an image: manifest, configuration and layers, which are unpacked while they come.</summary>
    /// <param name="reference">What to pull, with tag or digest.</param>
    /// <param name="platform">For which platform.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="progress">Gets every step.</param>
    /// <param name="cancellationToken">Gives up; layers that are whole stay until the next collection.</param>
    /// <exception cref="RegistryException">The image cannot be had; the message is Docker's where scripts look for it.</exception>
    public Task<PulledImage> PullAsync(ImageReference reference, Platform platform, RegistryAuth? auth, IProgress<PullProgress> progress, CancellationToken cancellationToken)
        => ReadAsync(reference, auth, repository => _pull.RunAsync(repository, reference, platform, progress, cancellationToken));

    /// <summary>The tags of a repository.</summary>
    /// <exception cref="RegistryException">The repository is unknown, or may not be read.</exception>
    public Task<List<string>> ListTagsAsync(ImageReference reference, RegistryAuth? auth, CancellationToken cancellationToken)
        => ReadAsync(reference, auth, repository => repository.ListTagsAsync(cancellationToken));

    /// <summary>Reads a manifest or an index as it stands in the registry.</summary>
    /// <exception cref="RegistryException">There is none, or it may not be read.</exception>
    public Task<(byte[] Content, string MediaType)> GetManifestAsync(ImageReference reference, RegistryAuth? auth, CancellationToken cancellationToken)
        => ReadAsync(reference, auth, repository => repository.GetManifestAsync(reference.Digest?.ToString() ?? reference.Tag ?? "latest", cancellationToken));

    /// <summary>Reads a small blob, such as a configuration.</summary>
    /// <exception cref="RegistryException">There is none, it may not be read, or is too long.</exception>
    public Task<byte[]> ReadBlobAsync(ImageReference reference, Digest digest, RegistryAuth? auth, CancellationToken cancellationToken)
        => ReadAsync(reference, auth, repository => repository.ReadBlobAsync(digest, cancellationToken));

    /// <summary>Documents that refer to a manifest, such as signatures (distribution-spec, Listing Referrers).</summary>
    /// <param name="reference">The repository.</param>
    /// <param name="subject">Digest of the manifest.</param>
    /// <param name="artifactType">Only those of this type; null for all.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RegistryException">The repository may not be read.</exception>
    public Task<ImageIndex> GetReferrersAsync(ImageReference reference, Digest subject, string? artifactType, RegistryAuth? auth, CancellationToken cancellationToken)
        => ReadAsync(reference, auth, repository => repository.GetReferrersAsync(subject, artifactType, cancellationToken));

    /// <summary>Pushes an image: layers that the registry lacks, several at once, the configuration, the manifest.</summary>
    /// <param name="image">What to push, and under which name.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="progress">Gets every step.</param>
    /// <param name="cancellationToken">Gives up; blobs that arrived stay in the registry until it collects them.</param>
    /// <exception cref="RegistryException">The registry does not take it; the message is Docker's where scripts look for it.</exception>
    public Task<PushedImage> PushAsync(PushImage image, RegistryAuth? auth, IProgress<PullProgress> progress, CancellationToken cancellationToken)
    {
        string[] mounts = [.. image.Layers.SelectMany(layer => layer.MountFrom).Distinct()];
        return WriteAsync(image.Reference, auth, mounts, repository => new ImagePush(_uploads).RunAsync(repository, image, progress, cancellationToken));
    }

    /// <summary>Puts a manifest or an index of the caller's into a repository. Blobs of other repositories of the same registry that it needs are mounted first.</summary>
    /// <param name="reference">The repository with the tag, or without one for the digest.</param>
    /// <param name="manifest">The document.</param>
    /// <param name="blobs">Blobs to mount, with the paths that they come from.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RegistryException">The registry does not take it.</exception>
    public Task<Digest> PutManifestAsync(
        ImageReference reference, PushManifest manifest, IReadOnlyList<(Digest Blob, string Path)> blobs, RegistryAuth? auth, CancellationToken cancellationToken)
        => WriteAsync(reference, auth, [.. blobs.Select(blob => blob.Path).Distinct()], async repository =>
        {
            foreach ((Digest blob, string path) in blobs)
            {
                if (await repository.BeginUploadAsync(blob, path, cancellationToken) is not null && !await repository.HasBlobAsync(blob, cancellationToken))
                {
                    throw new RegistryException(RegistryErrorKind.NotFound, $"blob {blob} could not be mounted from {path}");
                }
            }

            return await repository.PutManifestAsync(reference.Tag ?? Digest.Of(manifest.Content).ToString(), manifest.Content, manifest.MediaType, cancellationToken);
        });

    /// <summary>Checks credentials against a registry.</summary>
    /// <param name="server">The registry: <c>docker.io</c>, <c>localhost:5000</c>, or a URL of it.</param>
    /// <param name="auth">The credentials.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>An identity token that stands for name and password from now on; empty where the registry gives none.</returns>
    /// <exception cref="RegistryException">Unauthenticated: they are wrong. Unavailable: the registry cannot be reached.</exception>
    public Task<string> LoginAsync(string server, RegistryAuth auth, CancellationToken cancellationToken)
        => new LoginCheck(_http, _options).RunAsync(server, auth, cancellationToken);

    /// <summary>Looks for repositories in a registry's index.</summary>
    /// <param name="term">What to look for; a registry's host before it asks that one, else Docker Hub.</param>
    /// <param name="limit">How many; 0 for the usual 25.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RegistryException">The index cannot be reached or has no search.</exception>
    public Task<IReadOnlyList<SearchResult>> SearchAsync(string term, int limit, RegistryAuth? auth, CancellationToken cancellationToken)
        => new SearchQuery(_http, _options).RunAsync(term, limit, auth, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _layers.Dispose();
        _uploads.Dispose();
    }

    private async Task<T> ReadAsync<T>(ImageReference reference, RegistryAuth? auth, Func<RepositoryClient, Task<T>> work)
    {
        RegistryException? last = null;
        foreach (Endpoint endpoint in Endpoint.Of(reference.Domain, _options, withMirrors: true))
        {
            using RepositoryClient repository = new(_http.For(endpoint), endpoint, reference, endpoint.IsMirror ? null : auth, _options);
            try
            {
                return await work(repository);
            }
            catch (RegistryException failure) when (failure.Kind != RegistryErrorKind.NoSpace && (endpoint.IsMirror || IsElsewhere(failure, repository)))
            {
                // The next place may do better. One that speaks the protocol is the right one, whatever it answered.
                last = endpoint.IsMirror ? last : failure;
            }
        }

        throw last!;
    }

    private async Task<T> WriteAsync<T>(ImageReference reference, RegistryAuth? auth, IReadOnlyList<string> mounts, Func<RepositoryClient, Task<T>> work)
    {
        RegistryException? last = null;
        foreach (Endpoint endpoint in Endpoint.Of(reference.Domain, _options, withMirrors: false))
        {
            using RepositoryClient repository = new(_http.For(endpoint), endpoint, reference, auth, _options, push: true, mounts);
            try
            {
                return await work(repository);
            }
            catch (RegistryException failure) when (IsElsewhere(failure, repository))
            {
                last = failure;
            }
        }

        throw last!;
    }

    private static bool IsElsewhere(RegistryException failure, RepositoryClient repository) => failure.Kind == RegistryErrorKind.Unavailable && !repository.HasAnswered;
}
