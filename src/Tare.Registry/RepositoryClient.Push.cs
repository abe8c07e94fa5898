using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Tare.Oci.Images;
using Tare.Registry.Transport;

namespace Tare.Registry;

/// <content>Writing: blobs, manifests (distribution-spec 1.1, Push).</content>
internal sealed partial class RepositoryClient
{
    private const int SmallChunk = 8 << 20;
    private static readonly TimeSpan s_uploadPatience = TimeSpan.FromHours(6); // for one request; a connection that takes nothing ends sooner, by the content

    /// <summary>Whether the repository has a blob already.</summary>
    public Task<bool> HasBlobAsync(Digest digest, CancellationToken cancellationToken)
        => RetryPolicy.RunAsync(
            _options,
            async () =>
            {
                using HttpResponseMessage response = await _session.SendAsync(new RegistryRequest(HttpMethod.Head, Uri($"blobs/{digest}")), cancellationToken);
                HasAnswered |= response.IsSuccessStatusCode;
                return response.StatusCode == HttpStatusCode.NotFound ? false
                    : response.IsSuccessStatusCode ? true
                    : throw await ErrorAsync(response, digest.ToString(), cancellationToken);
            },
            cancellationToken);

    /// <summary>Begins to bring a blob: by mounting it from another repository of the registry, else as an upload.</summary>
    /// <param name="digest">The blob.</param>
    /// <param name="mountFrom">The other repository's path; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Where to upload to; null when the blob was mounted.</returns>
    public Task<Uri?> BeginUploadAsync(Digest digest, string? mountFrom, CancellationToken cancellationToken)
        => RetryPolicy.RunAsync(
            _options,
            async () =>
            {
                string query = mountFrom is null ? "" : $"?mount={digest}&from={System.Uri.EscapeDataString(mountFrom)}";
                using HttpResponseMessage response = await _session.SendAsync(
                    new RegistryRequest(HttpMethod.Post, Uri($"blobs/uploads/{query}")) { Content = static () => new ByteArrayContent([]) }, cancellationToken);
                return response.StatusCode switch
                {
                    HttpStatusCode.Created => null,
                    HttpStatusCode.Accepted => Location(response),
                    _ => throw await ErrorAsync(response, "uploads", cancellationToken),
                };
            },
            cancellationToken);

    /// <summary>Uploads a blob: in one request where it is small, else in a session that a broken connection does not end.</summary>
    /// <param name="session">Where to, by <see cref="BeginUploadAsync"/>.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="progress">Gets the number of bytes so far.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RegistryException">The registry does not take it.</exception>
    public async Task UploadAsync(Uri session, UploadBlob blob, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        long sent = 0;
        long chunk = _options.UploadChunkBytes > 0 ? _options.UploadChunkBytes : long.MaxValue;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                while (sent < blob.Size && (chunk < blob.Size || blob.Size > SmallChunk))
                {
                    (session, sent) = await SendChunkAsync(session, blob, sent, Math.Min(chunk, blob.Size - sent), progress, cancellationToken);
                }

                await FinishUploadAsync(session, blob, sent, progress, cancellationToken);
                return;
            }
            catch (RegistryException failure) when (failure.Kind == RegistryErrorKind.TooLarge && chunk > SmallChunk && blob.Size > SmallChunk)
            {
                chunk = SmallChunk;
            }
            catch (Exception failure) when (attempt < _options.MaximumAttempts && IsBroken(failure, attempt) && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(RetryPolicy.PauseAfter(failure, attempt, _options) ?? _options.RetryPause, cancellationToken);
            }

            (session, sent) = await ResumeAsync(session, blob, cancellationToken);
        }
    }

    /// <summary>Puts a manifest or an index under a tag or its digest.</summary>
    /// <returns>The digest by which it is known.</returns>
    public Task<Digest> PutManifestAsync(string tagOrDigest, byte[] content, string mediaType, CancellationToken cancellationToken)
        => RetryPolicy.RunAsync(
            _options,
            async () =>
            {
                RegistryRequest request = new(HttpMethod.Put, Uri($"manifests/{tagOrDigest}")) { Content = () => Typed(new ByteArrayContent(content), mediaType) };
                using HttpResponseMessage response = await _session.SendAsync(request, cancellationToken);
                if (!response.IsSuccessStatusCode)
                {
                    throw await ErrorAsync(response, tagOrDigest, cancellationToken);
                }

                HasAnswered = true;
                return Digest.Of(content);
            },
            cancellationToken);

    // A try that brought the upload forward is none that failed; here every broken connection counts, so that none goes on for ever.
    private bool IsBroken(Exception failure, int attempt)
        => failure is RegistryException { Kind: RegistryErrorKind.Unavailable } or IOException or HttpRequestException
            && (failure is not RegistryException { IsServerTrouble: true } || RetryPolicy.PauseAfter(failure, attempt, _options) is not null);

    private async Task<(Uri Session, long Sent)> SendChunkAsync(Uri session, UploadBlob blob, long offset, long length, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        HttpContent Body()
        {
            HttpContent content = Typed(new BlobContent(blob, offset, length, progress, stall, _options.StallTimeout), "application/octet-stream");
            content.Headers.TryAddWithoutValidation("Content-Range", string.Create(CultureInfo.InvariantCulture, $"{offset}-{offset + length - 1}"));
            return content;
        }

        using HttpResponseMessage response = await SendBodyAsync(new RegistryRequest(HttpMethod.Patch, session) { Content = Body, Patience = s_uploadPatience }, stall, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw await UploadErrorAsync(response, cancellationToken);
        }

        return (Location(response), offset + length);
    }

    private async Task FinishUploadAsync(Uri session, UploadBlob blob, long sent, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        Uri target = new(session + (session.Query.Length > 0 ? "&" : "?") + $"digest={System.Uri.EscapeDataString(blob.Digest.ToString())}");
        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        HttpContent Body() => Typed(new BlobContent(blob, sent, blob.Size - sent, progress, stall, _options.StallTimeout), "application/octet-stream");
        using HttpResponseMessage response = await SendBodyAsync(new RegistryRequest(HttpMethod.Put, target) { Content = Body, Patience = s_uploadPatience }, stall, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw await UploadErrorAsync(response, cancellationToken);
        }
    }

    private async Task<HttpResponseMessage> SendBodyAsync(RegistryRequest request, CancellationTokenSource stall, CancellationToken cancellationToken)
    {
        try
        {
            return await _session.SendAsync(request, stall.Token);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw ConnectionErrors.TimedOut(request.Uri, failure);
        }
    }

    private async Task<RegistryException> UploadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
        => response.StatusCode == HttpStatusCode.RequestEntityTooLarge
            ? new RegistryException(RegistryErrorKind.TooLarge, "the registry finds the upload too large")
            : await ErrorAsync(response, "uploads", cancellationToken);

    /// <summary>Asks how far an upload came; a session that is lost begins anew.</summary>
    private async Task<(Uri Session, long Sent)> ResumeAsync(Uri session, UploadBlob blob, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await _session.SendAsync(new RegistryRequest(HttpMethod.Get, session), cancellationToken);
        if (response.StatusCode == HttpStatusCode.NoContent && response.Headers.TryGetValues("Range", out IEnumerable<string>? ranges) && EndOf(ranges.First()) is { } end && end + 1 <= blob.Size)
        {
            // "0-0" is nothing with some registries and one byte with others: a fresh session is right with both.
            if (end > 0)
            {
                return (response.Headers.Location is null ? session : Location(response), end + 1);
            }
        }

        return (await BeginUploadAsync(blob.Digest, null, cancellationToken) ?? throw new RegistryException(RegistryErrorKind.Protocol, "the registry mounts a blob that nobody asked to be mounted"), 0);
    }

    private static long? EndOf(string range)
        => range.IndexOf('-', StringComparison.Ordinal) is > 0 and int dash && long.TryParse(range.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long end) ? end : null;

    private static HttpContent Typed(HttpContent content, string mediaType)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return content;
    }

    private Uri Location(HttpResponseMessage response)
        => response.Headers.Location is { } location
            ? new Uri(response.RequestMessage?.RequestUri ?? _session.Endpoint.Base, location)
            : throw new RegistryException(RegistryErrorKind.Protocol, $"{_session.Endpoint.Base.Authority} answered an upload without a location");
}
