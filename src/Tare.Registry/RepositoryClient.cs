using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tare.Oci.Images;

namespace Tare.Registry;

/// <summary>One repository at one endpoint: requests with authentication (distribution-spec 1.1, Pull).</summary>
internal sealed class RepositoryClient(HttpClient http, Endpoint endpoint, ImageReference reference, RegistryAuth? auth, RegistryOptions options) : IDisposable
{
    private const int MaximumDocument = 4 << 20; // what registries take as a manifest

    private static readonly string[] s_manifestTypes = [MediaTypes.OciIndex, MediaTypes.OciManifest, MediaTypes.DockerManifestList, MediaTypes.DockerManifest];

    private readonly SemaphoreSlim _authLock = new(1, 1);
    private AuthenticationHeaderValue? _authorization = auth is { RegistryToken.Length: > 0 } ? new AuthenticationHeaderValue("Bearer", auth.RegistryToken) : null;

    /// <summary>Whether the registry gave anything that was asked for: then it is one, and speaks this scheme.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>Fetches a manifest or an index by tag or digest. A connection that breaks off is tried again.</summary>
    /// <exception cref="RegistryException">There is none, it may not be read, or it is damaged.</exception>
    public async Task<(byte[] Content, string MediaType)> GetManifestAsync(string tagOrDigest, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await TryGetManifestAsync(tagOrDigest, cancellationToken);
            }
            catch (Exception failure) when (attempt < options.MaximumAttempts && IsWorthAnotherTry(failure))
            {
                await Task.Delay(options.RetryPause * attempt, cancellationToken);
            }
            catch (Exception failure) when (failure is IOException or HttpRequestException)
            {
                throw new RegistryException(RegistryErrorKind.Unavailable, $"unexpected EOF: {endpoint.Base.Authority} broke off {attempt} times: {failure.Message}", failure);
            }
        }
    }

    /// <summary>Opens a blob from an offset on; the answer says whether the server honoured the offset.</summary>
    /// <exception cref="RegistryException">There is none, or it may not be read.</exception>
    public async Task<HttpResponseMessage> OpenBlobAsync(Digest digest, long offset, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await SendAsync($"/v2/{reference.Path}/blobs/{digest}", [], offset, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await ErrorAsync(response, digest.ToString(), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _authLock.Dispose();

    // A registry that cannot be reached at all is not tried again: who mistyped its name should not wait.
    private static bool IsWorthAnotherTry(Exception failure)
        => failure is IOException or HttpRequestException or RegistryException { Kind: RegistryErrorKind.Unavailable, IsServerTrouble: true };

    private async Task<(byte[] Content, string MediaType)> TryGetManifestAsync(string tagOrDigest, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync($"/v2/{reference.Path}/manifests/{tagOrDigest}", s_manifestTypes, 0, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw await ErrorAsync(response, tagOrDigest, cancellationToken);
        }

        byte[] content = await ReadDocumentAsync(response, cancellationToken);
        string mediaType = response.Content.Headers.ContentType?.MediaType ?? "";
        if (!MediaTypes.IsIndex(mediaType) && !MediaTypes.IsManifest(mediaType))
        {
            // Plain file servers say application/json; the document names its type itself.
            mediaType = Parse(content, ImagesJson.Default.ImageManifest)?.MediaType ?? mediaType;
        }

        if (!MediaTypes.IsIndex(mediaType) && !MediaTypes.IsManifest(mediaType))
        {
            throw new RegistryException(RegistryErrorKind.Protocol, $"{endpoint.Base.Authority} answered the manifest of {reference.Familiar} with media type \"{mediaType}\": is it a registry?");
        }

        if (Digest.TryParse(tagOrDigest, out Digest wanted) && Digest.Of(content) != wanted)
        {
            throw new RegistryException(RegistryErrorKind.DataLoss, $"manifest verification failed for digest {wanted}");
        }

        HasAnswered = true;
        return (content, mediaType);
    }

    private static async Task<byte[]> ReadDocumentAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using MemoryStream content = new();
        byte[] buffer = new byte[16 * 1024];
        int read;
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            content.Write(buffer, 0, read);
            if (content.Length > MaximumDocument)
            {
                throw new RegistryException(RegistryErrorKind.Protocol, $"the registry sent a document of more than {MaximumDocument} bytes");
            }
        }

        return content.ToArray();
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string[] accept, long offset, CancellationToken cancellationToken)
    {
        AuthenticationHeaderValue? used = _authorization;
        HttpResponseMessage response = await SendOnceAsync(path, accept, offset, used, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized || AuthChallenge.Find(response.Headers) is not { } challenge)
        {
            return response;
        }

        response.Dispose();
        await _authLock.WaitAsync(cancellationToken);
        try
        {
            // Layers fetched at once need one token, not one each.
            if (ReferenceEquals(_authorization, used))
            {
                _authorization = await AuthorizeAsync(challenge, cancellationToken);
            }
        }
        finally
        {
            _authLock.Release();
        }

        return await SendOnceAsync(path, accept, offset, _authorization, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(string path, string[] accept, long offset, AuthenticationHeaderValue? authorization, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(endpoint.Base, path));
        foreach (string type in accept)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }

        request.Headers.Authorization = authorization;
        request.Headers.Range = offset > 0 ? new RangeHeaderValue(offset, null) : null;
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw ConnectionErrors.Describe(request.RequestUri!, failure);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw ConnectionErrors.TimedOut(request.RequestUri!, failure);
        }
    }

    private async Task<AuthenticationHeaderValue?> AuthorizeAsync(AuthChallenge challenge, CancellationToken cancellationToken)
    {
        if (challenge.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
        {
            return auth is null ? null : Basic(auth);
        }

        if (!challenge.Parameters.TryGetValue("realm", out string? realm) || !Uri.TryCreate(realm, UriKind.Absolute, out Uri? service) || service.Scheme is not ("http" or "https"))
        {
            throw new RegistryException(RegistryErrorKind.Protocol, $"{endpoint.Base.Authority} asks for a token and names no service for it");
        }

        using HttpRequestMessage request = TokenRequest(service, challenge);
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw ConnectionErrors.Describe(service, failure);
        }

        using (response)
        {
            if (!response.IsSuccessStatusCode)
            {
                throw auth is null ? Denied("denied: requested access to the resource is denied") : new RegistryException(RegistryErrorKind.Unauthenticated, $"unauthorized: incorrect username or password ({service.Host} answered {(int)response.StatusCode})");
            }

            TokenResponse? token = Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken), RegistryJson.Default.TokenResponse);
            string value = token?.Token ?? token?.AccessToken ?? throw new RegistryException(RegistryErrorKind.Protocol, $"{service.Host} answered without a token");
            return new AuthenticationHeaderValue("Bearer", value);
        }
    }

    private HttpRequestMessage TokenRequest(Uri service, AuthChallenge challenge)
    {
        string scope = challenge.Parameters.GetValueOrDefault("scope") ?? $"repository:{reference.Path}:pull";
        string name = challenge.Parameters.GetValueOrDefault("service") ?? "";
        if (auth is { IdentityToken.Length: > 0 })
        {
            return new HttpRequestMessage(HttpMethod.Post, service)
            {
                Content = new FormUrlEncodedContent(new Dictionary<string, string>
                {
                    ["grant_type"] = "refresh_token",
                    ["service"] = name,
                    ["client_id"] = "tare",
                    ["scope"] = scope,
                    ["refresh_token"] = auth.IdentityToken,
                }),
            };
        }

        string separator = service.Query.Length > 0 ? "&" : "?";
        HttpRequestMessage request = new(HttpMethod.Get, $"{service}{separator}service={Uri.EscapeDataString(name)}&scope={Uri.EscapeDataString(scope)}");
        request.Headers.Authorization = auth is null ? null : Basic(auth);
        return request;
    }

    private static AuthenticationHeaderValue Basic(RegistryAuth auth)
        => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{auth.Username}:{auth.Password}")));

    private async Task<RegistryException> ErrorAsync(HttpResponseMessage response, string what, CancellationToken cancellationToken)
    {
        byte[] body = await ReadDocumentAsync(response, cancellationToken);
        ErrorEntry? entry = Parse(body, RegistryJson.Default.ErrorResponse)?.Errors?.FirstOrDefault();
        string detail = entry is null ? $"{(int)response.StatusCode} {response.ReasonPhrase}" : $"{entry.Code?.ToLowerInvariant().Replace('_', ' ')}: {entry.Message}";
        bool serverTrouble = (int)response.StatusCode >= 500;
        return (response.StatusCode, entry?.Code) switch
        {
            (HttpStatusCode.NotFound, "NAME_UNKNOWN") =>
                new RegistryException(RegistryErrorKind.NotFound, $"repository {reference.FamiliarName} not found: name unknown: {entry!.Message}"),
            (HttpStatusCode.NotFound, "BLOB_UNKNOWN") => new RegistryException(RegistryErrorKind.NotFound, "unknown blob"),
            (HttpStatusCode.NotFound, _) =>
                new RegistryException(RegistryErrorKind.NotFound, $"manifest for {reference.FamiliarName}{(what.Contains(':', StringComparison.Ordinal) ? "@" : ":")}{what} not found: manifest unknown: {entry?.Message ?? "manifest unknown"}"),
            (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, _) =>
                Denied(entry is null || IsInsufficient(response) ? "denied: requested access to the resource is denied" : detail),
            (HttpStatusCode.TooManyRequests, _) =>
                new RegistryException(RegistryErrorKind.Unavailable, $"toomanyrequests: {entry?.Message ?? "the registry limits the rate of requests, try again later"}"),
            _ => new RegistryException(RegistryErrorKind.Unavailable, $"received unexpected HTTP status: {(int)response.StatusCode} {response.ReasonPhrase} ({endpoint.Base.Authority}: {detail})") { IsServerTrouble = serverTrouble },
        };
    }

    // RFC 6750 section 3.1: the token is good, and does not reach this far.
    private static bool IsInsufficient(HttpResponseMessage response)
        => AuthChallenge.Find(response.Headers)?.Parameters.GetValueOrDefault("error") == "insufficient_scope";

    private RegistryException Denied(string reason)
        => new(RegistryErrorKind.Denied, $"pull access denied for {reference.FamiliarName}, repository does not exist or may require 'docker login': {reason}");

    private static T? Parse<T>(byte[] body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException)
        {
            return null; // an answer that is no JSON says nothing more than its status
        }
    }
}
