using System.Collections.Concurrent;
using Tare.Oci.Images;
using Tare.Registry.Auth;
using Tare.Registry.Transport;

namespace Tare.Registry;

/// <summary>What can be read from registries and written to them without the stores of a machine (distribution-spec 1.1). May be used from any thread.</summary>
public sealed class RegistryDocuments : IDisposable
{
    private readonly RegistryOptions _options;
    private readonly RegistryHttp _http;
    private readonly ConcurrentDictionary<string, string> _schemes = new(StringComparer.Ordinal); // by domain

    /// <summary>Makes a client.</summary>
    /// <param name="options">How registries are spoken to.</param>
    public RegistryDocuments(RegistryOptions options)
        : this(options, new RegistryHttp(options))
    {
    }

    internal RegistryDocuments(RegistryOptions options, RegistryHttp http)
    {
        _options = options;
        _http = http;
    }

    /// <summary>The same for a registry that may have any certificate, or none. The caller's to dispose.</summary>
    public RegistryDocuments WithInsecure(string domain) => new(_options with { InsecureRegistries = [.. _options.InsecureRegistries, domain] });

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
        }, cancellationToken);

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
    public void Dispose() => _http.Dispose();

    /// <summary>Reads at the first place that serves a repository.</summary>
    internal async Task<T> ReadAsync<T>(ImageReference reference, RegistryAuth? auth, Func<RepositoryClient, Task<T>> work)
    {
        RegistryException? last = null;
        foreach (Endpoint endpoint in Places(reference.Domain, withMirrors: true))
        {
            using RepositoryClient repository = new(_http.For(endpoint), endpoint, reference, endpoint.IsMirror ? null : auth, _options, elsewhere: _http);
            try
            {
                T result = await work(repository);
                Remember(reference.Domain, endpoint);
                return result;
            }
            catch (RegistryException failure) when (failure.Kind != RegistryErrorKind.NoSpace && (endpoint.IsMirror || IsElsewhere(failure, repository)))
            {
                // The next place may do better. One that speaks the protocol is the right one, whatever it answered.
                last = endpoint.IsMirror ? last : failure;
            }
        }

        throw last!;
    }

    /// <summary>Writes at the repository's own place. Where there are several, the one is looked for first, so that the work is not begun twice.</summary>
    internal async Task<T> WriteAsync<T>(ImageReference reference, RegistryAuth? auth, IReadOnlyList<string> mounts, Func<RepositoryClient, Task<T>> work, CancellationToken cancellationToken)
    {
        RegistryException? last = null;
        List<Endpoint> places = Places(reference.Domain, withMirrors: false);
        foreach (Endpoint endpoint in places)
        {
            using RepositoryClient repository = new(_http.For(endpoint), endpoint, reference, auth, _options, push: true, mounts);
            try
            {
                if (places.Count > 1)
                {
                    await repository.PingAsync(cancellationToken);
                }
            }
            catch (RegistryException failure) when (failure.Kind == RegistryErrorKind.Unavailable)
            {
                last = failure;
                continue;
            }

            Remember(reference.Domain, endpoint);
            return await work(repository);
        }

        throw last!;
    }

    // An insecure registry may speak TLS or not: what it spoke last is tried first.
    private List<Endpoint> Places(string domain, bool withMirrors)
    {
        List<Endpoint> places = Endpoint.Of(domain, _options, withMirrors);
        return _schemes.TryGetValue(domain, out string? scheme) ? [.. places.OrderBy(place => place.IsMirror || place.Base.Scheme == scheme ? 0 : 1)] : places;
    }

    private void Remember(string domain, Endpoint endpoint)
    {
        if (!endpoint.IsMirror)
        {
            _schemes[domain] = endpoint.Base.Scheme;
        }
    }

    private static bool IsElsewhere(RegistryException failure, RepositoryClient repository) => failure.Kind == RegistryErrorKind.Unavailable && !repository.HasAnswered;
}
