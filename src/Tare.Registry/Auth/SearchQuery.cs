using System.Globalization;
using System.Net;
using System.Text.Json;
using Tare.Registry.Transport;

namespace Tare.Registry.Auth;

/// <summary>Asks a registry's index for repositories (<c>GET /v1/search</c>, the one thing of version 1 that is left).</summary>
internal sealed class SearchQuery(RegistryHttp http, RegistryOptions options)
{
    private const int MaximumAnswer = 8 << 20;
    private const int MostPerPage = 100;
    private const int Usual = 25;

    /// <summary>Asks.</summary>
    /// <param name="term">What to look for; a registry's host before it, as in <c>localhost:5000/term</c>, asks that one.</param>
    /// <param name="limit">How many; 0 for the usual 25.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RegistryException">The index cannot be reached or has no search.</exception>
    public async Task<IReadOnlyList<SearchResult>> RunAsync(string term, int limit, RegistryAuth? auth, CancellationToken cancellationToken)
    {
        (string domain, string words) = Split(term);
        RegistryException? last = null;
        foreach (Endpoint endpoint in Places(domain))
        {
            try
            {
                return await AskAsync(endpoint, words, Math.Clamp(limit == 0 ? Usual : limit, 1, MostPerPage), auth, cancellationToken);
            }
            catch (RegistryException failure) when (failure is { Kind: RegistryErrorKind.Unavailable, IsServerTrouble: false })
            {
                last = failure;
            }
        }

        throw last!;
    }

    private List<Endpoint> Places(string domain)
        => domain == "docker.io" ? [new Endpoint(new Uri("https://index.docker.io"), false, false)] : Endpoint.Of(domain, options, withMirrors: false);

    private static (string Domain, string Words) Split(string term)
    {
        int slash = term.IndexOf('/', StringComparison.Ordinal);
        string first = slash < 0 ? "" : term[..slash];
        return first.AsSpan().ContainsAny('.', ':') || first == "localhost" ? (LoginCheck.DomainOf(first), term[(slash + 1)..]) : ("docker.io", term);
    }

    private async Task<IReadOnlyList<SearchResult>> AskAsync(Endpoint endpoint, string words, int limit, RegistryAuth? auth, CancellationToken cancellationToken)
    {
        Uri uri = new(endpoint.Base, string.Create(CultureInfo.InvariantCulture, $"/v1/search?q={Uri.EscapeDataString(words)}&n={limit}"));
        using HttpRequestMessage request = new(HttpMethod.Get, uri);
        request.Headers.Authorization = auth is { Username.Length: > 0 } ? TokenClient.Basic(auth) : null;
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.StallTimeout);
        try
        {
            using HttpResponseMessage response = await http.For(endpoint).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw new RegistryException(
                    response.StatusCode == HttpStatusCode.Unauthorized ? RegistryErrorKind.Unauthenticated : RegistryErrorKind.Protocol,
                    $"Unexpected status code {(int)response.StatusCode}");
            }

            return Read(await BodyReader.ReadAsync(response, MaximumAnswer, patience.Token));
        }
        catch (HttpRequestException failure)
        {
            throw ConnectionErrors.Describe(uri, failure);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw ConnectionErrors.TimedOut(uri, failure);
        }
    }

    private static List<SearchResult> Read(byte[] body)
    {
        try
        {
            SearchAnswer? answer = JsonSerializer.Deserialize(body, RegistryJson.Default.SearchAnswer);
            return [.. (answer?.Results ?? []).Select(found => new SearchResult(found.Name ?? "", found.Description ?? "", found.Stars, found.IsOfficial, found.IsAutomated))];
        }
        catch (JsonException failure)
        {
            throw new RegistryException(RegistryErrorKind.Protocol, "error: the index answered a search with something else than JSON", failure);
        }
    }
}
