using System.Net;
using System.Text.Json;
using Tare.Oci.Images;
using Tare.Registry.Transport;

namespace Tare.Registry;

/// <summary>One repository at one endpoint (distribution-spec 1.1).</summary>
internal sealed partial class RepositoryClient : IDisposable
{
    private const int MaximumDocument = 4 << 20; // what registries take as a manifest

    private static readonly string[] s_manifestTypes = [MediaTypes.OciIndex, MediaTypes.OciManifest, MediaTypes.DockerManifestList, MediaTypes.DockerManifest];

    private readonly RegistrySession _session;
    private readonly ImageReference _reference;
    private readonly RegistryOptions _options;
    private readonly string _action;
    private readonly RegistryHttp? _elsewhere;

    /// <summary>Begins work on a repository.</summary>
    /// <param name="http">The connections.</param>
    /// <param name="endpoint">The place.</param>
    /// <param name="reference">The repository; tag and digest do not matter.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="options">Times and limits.</param>
    /// <param name="push">Whether it is written to.</param>
    /// <param name="mountPaths">Repositories of the same registry that blobs are mounted from.</param>
    /// <param name="elsewhere">Connections to other hosts, for layers that registries do not keep.</param>
    public RepositoryClient(HttpClient http, Endpoint endpoint, ImageReference reference, RegistryAuth? auth, RegistryOptions options, bool push = false, IReadOnlyList<string>? mountPaths = null, RegistryHttp? elsewhere = null)
    {
        _elsewhere = elsewhere;
        _reference = reference;
        _options = options;
        _action = push ? "push" : "pull";
        string[] scopes = [$"repository:{reference.Path}:{(push ? "pull,push" : "pull")}", .. (mountPaths ?? []).Select(path => $"repository:{path}:pull")];
        _session = new RegistrySession(http, endpoint, auth, scopes, options);
    }

    /// <summary>Whether the registry gave anything that was asked for: then it is one, and speaks this scheme.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>Looks whether a registry is there, whatever it answers.</summary>
    /// <exception cref="RegistryException">Unavailable: it cannot be reached by this scheme.</exception>
    public async Task PingAsync(CancellationToken cancellationToken)
        => (await _session.SendBareAsync(new Uri(_session.Endpoint.Base, "/v2/"), cancellationToken)).Dispose();

    /// <summary>Fetches a manifest or an index by tag or digest. A connection that breaks off is tried again.</summary>
    /// <exception cref="RegistryException">There is none, it may not be read, or it is damaged.</exception>
    public Task<(byte[] Content, string MediaType)> GetManifestAsync(string tagOrDigest, CancellationToken cancellationToken)
        => RetryPolicy.RunAsync(_options, () => TryGetManifestAsync(tagOrDigest, cancellationToken), cancellationToken);

    /// <summary>Opens a blob from an offset on; the answer says whether the server honoured the offset.</summary>
    /// <exception cref="RegistryException">There is none, or it may not be read.</exception>
    public async Task<HttpResponseMessage> OpenBlobAsync(Digest digest, long offset, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await _session.SendAsync(new RegistryRequest(HttpMethod.Get, Uri($"blobs/{digest}")) { Offset = offset }, cancellationToken);
        if (offset > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            response.Dispose(); // no server of ranges, or one whose blob is shorter: the whole tells
            response = await _session.SendAsync(new RegistryRequest(HttpMethod.Get, Uri($"blobs/{digest}")), cancellationToken);
        }

        return response.IsSuccessStatusCode ? response : throw await ErrorAsync(response, digest.ToString(), cancellationToken);
    }

    /// <summary>Reads a small blob whole, and checks it.</summary>
    /// <exception cref="RegistryException">There is none, it may not be read, is too long, or is another one.</exception>
    public Task<byte[]> ReadBlobAsync(Digest digest, CancellationToken cancellationToken)
        => RetryPolicy.RunAsync(
            _options,
            async () =>
            {
                using HttpResponseMessage response = await OpenBlobAsync(digest, 0, cancellationToken);
                byte[] content = await BodyReader.ReadAsync(response, MaximumDocument, cancellationToken);
                return Digest.Of(content) == digest ? content : throw new RegistryException(RegistryErrorKind.DataLoss, $"the registry sent another blob than {digest}");
            },
            cancellationToken);

    /// <summary>The tags of the repository, over as many pages as there are.</summary>
    /// <exception cref="RegistryException">The repository is unknown, or may not be read.</exception>
    public async Task<List<string>> ListTagsAsync(CancellationToken cancellationToken)
    {
        const int MaximumPages = 10_000; // a registry that leads in a circle must not lead for ever
        List<string> tags = [];
        Uri? next = Uri("tags/list");
        for (int page = 0; next is not null && page < MaximumPages; page++)
        {
            Uri here = next;
            (TagList? list, next) = await RetryPolicy.RunAsync(_options, () => TagPageAsync(here, cancellationToken), cancellationToken);
            tags.AddRange(list?.Tags ?? []);
        }

        HasAnswered = true;
        return [.. tags.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>Documents that refer to a manifest: by the referrers API, else by the tag schema that stands in for it (distribution-spec, Listing Referrers).</summary>
    /// <param name="subject">The manifest.</param>
    /// <param name="artifactType">Only of this type; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ImageIndex> GetReferrersAsync(Digest subject, string? artifactType, CancellationToken cancellationToken)
    {
        string query = artifactType is null ? "" : $"?artifactType={System.Uri.EscapeDataString(artifactType)}";
        byte[]? document = await RetryPolicy.RunAsync(_options, () => TryReadReferrersAsync(Uri($"referrers/{subject}{query}"), subject, cancellationToken), cancellationToken);
        if (document is null)
        {
            try
            {
                (document, _) = await GetManifestAsync(FallbackTag(subject), cancellationToken);
            }
            catch (RegistryException missing) when (missing.Kind == RegistryErrorKind.NotFound)
            {
                return new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.OciIndex };
            }
        }

        ImageIndex index = ParseIndex(document);
        // A registry may leave the filter to us.
        index.Manifests = artifactType is null ? index.Manifests : index.Manifests.FindAll(entry => entry.ArtifactType == artifactType);
        return index;
    }

    /// <summary>The tag under which a registry without referrers API keeps them.</summary>
    public static string FallbackTag(Digest subject) => $"sha256-{subject.Hex}";

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private Uri Uri(string rest) => new(_session.Endpoint.Base, $"/v2/{_reference.Path}/{rest}");

    private async Task<RegistryException> ErrorAsync(HttpResponseMessage response, string what, CancellationToken cancellationToken)
    {
        using (response)
        {
            return await RegistryErrors.ReadAsync(response, _reference, what, _action, cancellationToken);
        }
    }

    private async Task<(byte[] Content, string MediaType)> TryGetManifestAsync(string tagOrDigest, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await _session.SendAsync(new RegistryRequest(HttpMethod.Get, Uri($"manifests/{tagOrDigest}")) { Accept = s_manifestTypes }, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw await ErrorAsync(response, tagOrDigest, cancellationToken);
        }

        byte[] content = await BodyReader.ReadAsync(response, MaximumDocument, cancellationToken);
        string mediaType = response.Content.Headers.ContentType?.MediaType ?? "";
        if (!MediaTypes.IsIndex(mediaType) && !MediaTypes.IsManifest(mediaType))
        {
            // Plain file servers say application/json; the document names its type itself.
            mediaType = MediaTypeIn(content) ?? mediaType;
        }

        if (!MediaTypes.IsIndex(mediaType) && !MediaTypes.IsManifest(mediaType))
        {
            throw new RegistryException(
                RegistryErrorKind.Protocol, $"{_session.Endpoint.Base.Authority} answered the manifest of {_reference.Familiar} with media type \"{mediaType}\": is it a registry?");
        }

        if (Digest.TryParse(tagOrDigest, out Digest wanted) && Digest.Of(content) != wanted)
        {
            throw new RegistryException(RegistryErrorKind.DataLoss, $"manifest verification failed for digest {wanted}");
        }

        HasAnswered = true;
        return (content, mediaType);
    }

    private static string? MediaTypeIn(byte[] content)
    {
        try
        {
            return JsonSerializer.Deserialize(content, ImagesJson.Default.ImageManifest)?.MediaType;
        }
        catch (JsonException)
        {
            return null; // the caller says that it is no manifest
        }
    }

    private async Task<(TagList? List, Uri? Next)> TagPageAsync(Uri page, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await _session.SendAsync(new RegistryRequest(HttpMethod.Get, page), cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw await ErrorAsync(response, "tags/list", cancellationToken);
        }

        byte[] body = await BodyReader.ReadAsync(response, MaximumDocument, cancellationToken);
        try
        {
            return (JsonSerializer.Deserialize(body, RegistryJson.Default.TagList), NextPage(response, page));
        }
        catch (JsonException failure)
        {
            throw new RegistryException(RegistryErrorKind.Protocol, $"{page.Authority} answered with no list of tags: is it a registry?", failure);
        }
    }

    // RFC 8288: </v2/x/tags/list?last=b&n=2>; rel="next"
    private static Uri? NextPage(HttpResponseMessage response, Uri page)
    {
        foreach (string link in response.Headers.TryGetValues("Link", out IEnumerable<string>? links) ? links : [])
        {
            int end = link.IndexOf('>', StringComparison.Ordinal);
            if (link.StartsWith('<') && end > 0 && link.Contains("rel=\"next\"", StringComparison.OrdinalIgnoreCase) && System.Uri.TryCreate(page, link[1..end], out Uri? next))
            {
                return next;
            }
        }

        return null;
    }

    private async Task<byte[]?> TryReadReferrersAsync(Uri uri, Digest subject, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await _session.SendAsync(new RegistryRequest(HttpMethod.Get, uri) { Accept = [MediaTypes.OciIndex] }, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound || (response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType != MediaTypes.OciIndex))
        {
            return null; // this registry has no such API
        }

        return response.IsSuccessStatusCode ? await BodyReader.ReadAsync(response, MaximumDocument, cancellationToken) : throw await ErrorAsync(response, subject.ToString(), cancellationToken);
    }

    private ImageIndex ParseIndex(byte[] document)
    {
        try
        {
            return JsonSerializer.Deserialize(document, ImagesJson.Default.ImageIndex) ?? new ImageIndex();
        }
        catch (JsonException failure)
        {
            throw new RegistryException(RegistryErrorKind.Protocol, $"{_session.Endpoint.Base.Authority} answered with a list of referrers that is no index", failure);
        }
    }
}
