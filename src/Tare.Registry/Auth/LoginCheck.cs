using System.Net;
using Tare.Registry.Transport;

namespace Tare.Registry.Auth;

/// <summary>Checks a user's credentials: by the registry itself, or by the token service that it names.</summary>
internal sealed class LoginCheck(RegistryHttp http, RegistryOptions options)
{
    /// <summary>Checks.</summary>
    /// <returns>An identity token; empty where there is none.</returns>
    public async Task<string> RunAsync(string server, RegistryAuth auth, CancellationToken cancellationToken)
    {
        RegistryException? last = null;
        foreach (Endpoint endpoint in Endpoint.Of(DomainOf(server), options, withMirrors: false))
        {
            try
            {
                return await CheckAsync(endpoint, auth, cancellationToken);
            }
            catch (RegistryException failure) when (failure is { Kind: RegistryErrorKind.Unavailable, IsServerTrouble: false })
            {
                last = failure;
            }
        }

        throw last!;
    }

    /// <summary>The registry as references name it, of what users and configuration files write: <c>https://index.docker.io/v1/</c> is docker.io.</summary>
    public static string DomainOf(string server)
    {
        string host = server;
        int scheme = host.IndexOf("://", StringComparison.Ordinal);
        host = scheme < 0 ? host : host[(scheme + 3)..];
        int slash = host.IndexOf('/', StringComparison.Ordinal);
        host = slash < 0 ? host : host[..slash];
        return host is "" or "index.docker.io" or "registry-1.docker.io" ? "docker.io" : host;
    }

    private async Task<string> CheckAsync(Endpoint endpoint, RegistryAuth auth, CancellationToken cancellationToken)
    {
        HttpClient client = http.For(endpoint);
        Uri ping = new(endpoint.Base, "/v2/");
        using RegistrySession nobody = new(client, endpoint, null, [], options);
        AuthChallenge? challenge;
        using (HttpResponseMessage response = await nobody.SendBareAsync(ping, cancellationToken))
        {
            if (response.IsSuccessStatusCode)
            {
                return ""; // a registry without authentication takes everybody
            }

            challenge = response.StatusCode == HttpStatusCode.Unauthorized ? AuthChallenge.Find(response.Headers) : null;
            if (challenge is null)
            {
                throw Failed(ping, response);
            }
        }

        string identity = "";
        if (challenge.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            TokenResponse token = await TokenAsync(client, endpoint, auth, challenge, ping, cancellationToken);
            identity = token.RefreshToken ?? "";
            auth = new RegistryAuth(auth.Username, auth.Password, "", token.Value ?? "");
        }

        using RegistrySession somebody = new(client, endpoint, auth, [], options);
        using HttpResponseMessage answer = await somebody.SendAsync(new RegistryRequest(HttpMethod.Get, ping), cancellationToken);
        return answer.IsSuccessStatusCode ? identity
            : throw Failed(ping, answer);
    }

    private async Task<TokenResponse> TokenAsync(HttpClient client, Endpoint endpoint, RegistryAuth auth, AuthChallenge challenge, Uri ping, CancellationToken cancellationToken)
    {
        try
        {
            return await new TokenClient(client, endpoint.Base.Authority, auth, options.StallTimeout).GetAsync(challenge, [], offline: true, cancellationToken);
        }
        catch (RegistryException failure) when (failure.Kind is RegistryErrorKind.Unauthenticated)
        {
            throw Refused(ping, failure.Message["unauthorized: ".Length..]);
        }
    }

    private static RegistryException Refused(Uri ping, string reason) => new(RegistryErrorKind.Unauthenticated, $"Get \"{ping}\": unauthorized: {reason}");

    private static RegistryException Failed(Uri ping, HttpResponseMessage response)
        => new(
            response.StatusCode == HttpStatusCode.Unauthorized ? RegistryErrorKind.Unauthenticated : RegistryErrorKind.Unavailable,
            $"login attempt to {ping} failed with status: {(int)response.StatusCode} {response.ReasonPhrase}")
        {
            IsServerTrouble = true,
        };
}
