using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tare.Registry.Transport;

namespace Tare.Registry.Auth;

/// <summary>Asks a token service for tokens (distribution, Token Authentication; OAuth 2.0 with an identity token).</summary>
/// <param name="http">The connections to the registry, by which the service is reached too.</param>
/// <param name="registry">Host and port, for messages.</param>
/// <param name="auth">Credentials; null asks as nobody.</param>
/// <param name="patience">How long the service may take to answer.</param>
internal sealed class TokenClient(HttpClient http, string registry, RegistryAuth? auth, TimeSpan patience)
{
    private const string ClientId = "tare";
    private const int MaximumAnswer = 1 << 20;

    /// <summary>Gets a token.</summary>
    /// <param name="challenge">What the registry asks for.</param>
    /// <param name="scopes">What is to be done; none proves the credentials alone.</param>
    /// <param name="offline">Whether an identity token is asked for, by which later ones are got without the password.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RegistryException">The service refuses, cannot be reached, or answers something else.</exception>
    public async Task<TokenResponse> GetAsync(AuthChallenge challenge, IReadOnlyList<string> scopes, bool offline, CancellationToken cancellationToken)
    {
        if (!challenge.Parameters.TryGetValue("realm", out string? realm) || !Uri.TryCreate(realm, UriKind.Absolute, out Uri? service) || service.Scheme is not ("http" or "https"))
        {
            throw new RegistryException(RegistryErrorKind.Protocol, $"{registry} asks for a token and names no service for it");
        }

        using HttpRequestMessage request = Request(service, challenge.Parameters.GetValueOrDefault("service") ?? "", scopes, offline);
        using HttpResponseMessage response = await SendAsync(service, request, cancellationToken);
        byte[] body = await BodyReader.ReadAsync(response, MaximumAnswer, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw Refusal(service, response, body);
        }

        TokenResponse? token = null;
        try
        {
            token = JsonSerializer.Deserialize(body, RegistryJson.Default.TokenResponse);
        }
        catch (JsonException)
        {
            // No token is in it, which is what is said.
        }

        return token?.Value is { Length: > 0 } ? token : throw new RegistryException(RegistryErrorKind.Protocol, $"{service.Host} answered without a token");
    }

    /// <summary>The header of Basic authentication.</summary>
    public static AuthenticationHeaderValue Basic(RegistryAuth auth)
        => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{auth.Username}:{auth.Password}")));

    private HttpRequestMessage Request(Uri service, string name, IReadOnlyList<string> scopes, bool offline)
    {
        if (auth is { IdentityToken.Length: > 0 })
        {
            return new HttpRequestMessage(HttpMethod.Post, service)
            {
                Content = new FormUrlEncodedContent(new Dictionary<string, string>
                {
                    ["grant_type"] = "refresh_token",
                    ["service"] = name,
                    ["client_id"] = ClientId,
                    ["scope"] = string.Join(' ', scopes),
                    ["refresh_token"] = auth.IdentityToken,
                }),
            };
        }

        StringBuilder query = new($"{(service.Query.Length > 0 ? '&' : '?')}service={Uri.EscapeDataString(name)}");
        foreach (string scope in scopes)
        {
            query.Append("&scope=").Append(Uri.EscapeDataString(scope));
        }

        if (auth is { Username.Length: > 0 })
        {
            query.Append("&account=").Append(Uri.EscapeDataString(auth.Username));
        }

        if (offline)
        {
            query.Append("&offline_token=true&client_id=").Append(ClientId);
        }

        HttpRequestMessage request = new(HttpMethod.Get, service.GetLeftPart(UriPartial.Query) + query);
        request.Headers.Authorization = auth is { Username.Length: > 0 } ? Basic(auth) : null;
        return request;
    }

    private async Task<HttpResponseMessage> SendAsync(Uri service, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, limit.Token);
        }
        catch (HttpRequestException failure)
        {
            throw ConnectionErrors.Describe(service, failure);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw ConnectionErrors.TimedOut(service, failure);
        }
    }

    private RegistryException Refusal(Uri service, HttpResponseMessage response, byte[] body)
    {
        int status = (int)response.StatusCode;
        if (status is 429 or >= 500)
        {
            return new RegistryException(RegistryErrorKind.Unavailable, $"the token service {service.Host} answered {status} {response.ReasonPhrase}")
            {
                IsServerTrouble = true,
                RetryAfter = RetryPolicy.WishOf(response),
            };
        }

        string? told = RegistryErrors.Message(body);
        return auth is null
            ? new RegistryException(RegistryErrorKind.Denied, told ?? "denied: requested access to the resource is denied")
            : new RegistryException(RegistryErrorKind.Unauthenticated, $"unauthorized: {told ?? "incorrect username or password"}");
    }
}
