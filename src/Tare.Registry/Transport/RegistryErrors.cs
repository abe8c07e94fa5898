using System.Net;
using System.Text.Json;
using Tare.Oci.Images;
using Tare.Registry.Auth;

namespace Tare.Registry.Transport;

/// <summary>What registries answer instead of what was asked for, in the words that scripts look for (dockerd's).</summary>
internal static class RegistryErrors
{
    private const int MaximumError = 1 << 20;
    private const string NoAccess = "denied: requested access to the resource is denied";

    /// <summary>The error of an answer.</summary>
    /// <param name="response">The answer, not yet read.</param>
    /// <param name="reference">The repository.</param>
    /// <param name="what">Tag, digest or upload that was asked for.</param>
    /// <param name="action">What was to be done: <c>pull</c>, <c>push</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<RegistryException> ReadAsync(HttpResponseMessage response, ImageReference reference, string what, string action, CancellationToken cancellationToken)
    {
        byte[] body = await BodyReader.ReadAsync(response, MaximumError, cancellationToken);
        ErrorEntry? entry = First(body);
        string detail = entry is null ? $"{(int)response.StatusCode} {response.ReasonPhrase}" : Words(entry);
        return (response.StatusCode, entry?.Code) switch
        {
            (HttpStatusCode.NotFound, "NAME_UNKNOWN") =>
                new RegistryException(RegistryErrorKind.NotFound, $"repository {reference.FamiliarName} not found: name unknown: {entry!.Message}"),
            (HttpStatusCode.NotFound, "BLOB_UNKNOWN") => new RegistryException(RegistryErrorKind.NotFound, "unknown blob"),
            (HttpStatusCode.NotFound, _) when action == "pull" => new RegistryException(
                RegistryErrorKind.NotFound,
                $"manifest for {reference.FamiliarName}{(what.Contains(':', StringComparison.Ordinal) ? "@" : ":")}{what} not found: manifest unknown: {entry?.Message ?? "manifest unknown"}"),
            (HttpStatusCode.NotFound, _) => new RegistryException(RegistryErrorKind.NotFound, detail),
            (HttpStatusCode.Unauthorized, _) when WantsBasic(response) => NoCredentials(response, action),
            (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, _) => Denied(reference, action, entry is null || IsInsufficient(response) ? null : detail),
            (HttpStatusCode.TooManyRequests, _) => new RegistryException(RegistryErrorKind.Unavailable, $"toomanyrequests: {entry?.Message ?? "the registry limits the rate of requests, try again later"}")
            {
                IsServerTrouble = true,
                RetryAfter = RetryPolicy.WishOf(response),
            },
            _ when (int)response.StatusCode is >= 300 and < 400 => new RegistryException(
                RegistryErrorKind.Protocol, $"{response.RequestMessage?.RequestUri?.Authority ?? reference.Domain} redirects without end: stopped after 10 redirects"),
            _ when action == "push" && (int)response.StatusCode < 500 => new RegistryException(RegistryErrorKind.Protocol, detail),
            _ => new RegistryException(
                RegistryErrorKind.Unavailable,
                $"received unexpected HTTP status: {(int)response.StatusCode} {response.ReasonPhrase} ({response.RequestMessage?.RequestUri?.Authority ?? reference.Domain}: {detail})")
            {
                IsServerTrouble = (int)response.StatusCode >= 500,
                RetryAfter = RetryPolicy.WishOf(response),
            },
        };
    }

    /// <summary>The error of a repository that may not be read or written.</summary>
    public static RegistryException Denied(ImageReference reference, string action, string? reason) => new(
        RegistryErrorKind.Denied,
        action == "pull" ? $"pull access denied for {reference.FamiliarName}, repository does not exist or may require 'docker login': {reason ?? NoAccess}" : reason ?? NoAccess);

    // What was sent along, if anything, was not enough: dockerd says the same in both cases.
    private static bool WantsBasic(HttpResponseMessage response) => AuthChallenge.Find(response.Headers)?.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) == true;

    private static RegistryException NoCredentials(HttpResponseMessage response, string action)
    {
        bool sent = response.RequestMessage?.Headers.Authorization is not null;
        string reason = sent ? "unauthorized: authentication required" : "no basic auth credentials";
        string place = action == "pull" && !sent ? $"{HeadOrGet(response)} \"{response.RequestMessage?.RequestUri}\": " : "";
        return new RegistryException(RegistryErrorKind.Unauthenticated, place + reason);
    }

    private static string HeadOrGet(HttpResponseMessage response) => response.RequestMessage?.Method == HttpMethod.Head ? "Head" : "Get";

    /// <summary>The message of an error document; null when it is none.</summary>
    public static string? Message(byte[] body) => First(body)?.Message is { Length: > 0 } message ? message : null;

    private static ErrorEntry? First(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, RegistryJson.Default.ErrorResponse)?.Errors?.FirstOrDefault();
        }
        catch (JsonException)
        {
            return null; // an answer that is no JSON says nothing more than its status
        }
    }

    private static string Words(ErrorEntry entry) => $"{entry.Code?.ToLowerInvariant().Replace('_', ' ')}: {entry.Message}";

    // RFC 6750 section 3.1: the token is good, and does not reach this far.
    private static bool IsInsufficient(HttpResponseMessage response)
        => AuthChallenge.Find(response.Headers)?.Parameters.GetValueOrDefault("error") == "insufficient_scope";
}
