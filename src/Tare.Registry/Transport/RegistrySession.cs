using System.Net;
using System.Net.Http.Headers;
using Tare.Registry.Auth;

namespace Tare.Registry.Transport;

/// <summary>Sends requests to one endpoint with the credentials of one piece of work, and answers the registry's challenges.</summary>
internal sealed class RegistrySession : IDisposable
{
    private readonly HttpClient _http;
    private readonly RegistryOptions _options;
    private readonly Authorizer _authorizer;

    /// <summary>Begins a piece of work.</summary>
    /// <param name="http">The connections.</param>
    /// <param name="endpoint">The place.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="scopes">What the work needs, as <c>repository:PATH:pull,push</c>.</param>
    /// <param name="options">Times.</param>
    public RegistrySession(HttpClient http, Endpoint endpoint, RegistryAuth? auth, IReadOnlyList<string> scopes, RegistryOptions options)
    {
        _http = http;
        _options = options;
        Endpoint = endpoint;
        _authorizer = new Authorizer(new TokenClient(http, endpoint.Base.Authority, auth, options.StallTimeout), auth, scopes, options.Time);
    }

    /// <summary>The place.</summary>
    public Endpoint Endpoint { get; }

    /// <summary>Sends a request; one that is refused for want of authentication is sent a second time with it. The answer is the caller's, its body unread.</summary>
    /// <exception cref="RegistryException">The endpoint cannot be reached, or the token service refuses.</exception>
    public async Task<HttpResponseMessage> SendAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        bool isOurs = request.Uri.Authority == Endpoint.Base.Authority;
        AuthenticationHeaderValue? used = isOurs ? await _authorizer.CurrentAsync(cancellationToken) : null;
        HttpResponseMessage response = await SendOnceAsync(request, used, cancellationToken);
        if (!isOurs || response.StatusCode != HttpStatusCode.Unauthorized || AuthChallenge.Find(response.Headers) is not { } challenge)
        {
            return response;
        }

        AuthenticationHeaderValue? answer;
        try
        {
            answer = await _authorizer.AnswerAsync(challenge, used, cancellationToken);
        }
        catch
        {
            response.Dispose();
            throw;
        }

        if (answer is null)
        {
            return response;
        }

        response.Dispose();
        return await SendOnceAsync(request, answer, cancellationToken);
    }

    /// <summary>Asks as nobody: the answer tells which authentication is wanted. The answer is the caller's.</summary>
    /// <exception cref="RegistryException">The endpoint cannot be reached.</exception>
    public Task<HttpResponseMessage> SendBareAsync(Uri uri, CancellationToken cancellationToken)
        => SendOnceAsync(new RegistryRequest(HttpMethod.Get, uri), null, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _authorizer.Dispose();

    private async Task<HttpResponseMessage> SendOnceAsync(RegistryRequest request, AuthenticationHeaderValue? authorization, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = new(request.Method, request.Uri);
        foreach (string type in request.Accept)
        {
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }

        message.Headers.Authorization = authorization;
        message.Headers.Range = request.Offset > 0 ? new RangeHeaderValue(request.Offset, null) : null;
        message.Content = request.Content?.Invoke();
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(request.Patience ?? _options.StallTimeout);
        try
        {
            return await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        }
        catch (HttpRequestException failure)
        {
            throw ConnectionErrors.Describe(request.Uri, failure);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw ConnectionErrors.TimedOut(request.Uri, failure);
        }
    }
}
