using System.Globalization;
using System.Net.Http.Headers;

namespace Tare.Registry.Auth;

/// <summary>
/// Answers the challenges of one registry for one piece of work, and keeps the token until shortly before it expires. May be used from any thread: requests
/// that are refused at once get one token between them.
/// </summary>
internal sealed class Authorizer : IDisposable
{
    private static readonly TimeSpan s_defaultLife = TimeSpan.FromSeconds(60); // distribution, Token Authentication: expires_in
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(10);

    private readonly TokenClient _tokens;
    private readonly RegistryAuth? _auth;
    private readonly IReadOnlyList<string> _scopes;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile Held? _held;
    private AuthChallenge? _challenge;

    /// <summary>Makes it.</summary>
    /// <param name="tokens">Gets tokens.</param>
    /// <param name="auth">Credentials; null for none.</param>
    /// <param name="scopes">What the work needs, as <c>repository:PATH:pull,push</c>.</param>
    /// <param name="time">The clock.</param>
    public Authorizer(TokenClient tokens, RegistryAuth? auth, IReadOnlyList<string> scopes, TimeProvider time)
    {
        _tokens = tokens;
        _auth = auth;
        _scopes = scopes;
        _time = time;
        _held = auth is { RegistryToken.Length: > 0 } ? new Held(new AuthenticationHeaderValue("Bearer", auth.RegistryToken), DateTimeOffset.MaxValue) : null;
    }

    /// <summary>What to send along: null before the first challenge. A token that is about to expire is replaced first.</summary>
    public async ValueTask<AuthenticationHeaderValue?> CurrentAsync(CancellationToken cancellationToken)
    {
        Held? held = _held;
        return held is null || held.Until > _time.GetUtcNow() || _challenge is null ? held?.Header : await AnswerAsync(_challenge, held.Header, cancellationToken);
    }

    /// <summary>Answers a challenge.</summary>
    /// <param name="challenge">The challenge.</param>
    /// <param name="refused">What was sent along and refused; another thread may have replaced it meanwhile.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What to send along; null when there are no credentials that would help.</returns>
    /// <exception cref="RegistryException">The token service gives none.</exception>
    public async Task<AuthenticationHeaderValue?> AnswerAsync(AuthChallenge challenge, AuthenticationHeaderValue? refused, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (!ReferenceEquals(_held?.Header, refused))
            {
                return _held?.Header;
            }

            _held = await FetchAsync(challenge, cancellationToken);
            _challenge = challenge;
            return _held?.Header;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task<Held?> FetchAsync(AuthChallenge challenge, CancellationToken cancellationToken)
    {
        if (challenge.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
        {
            return _auth is { Username.Length: > 0 } ? new Held(TokenClient.Basic(_auth), DateTimeOffset.MaxValue) : null;
        }

        string[] asked = challenge.Parameters.GetValueOrDefault("scope")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        TokenResponse token = await _tokens.GetAsync(challenge, Union(_scopes, asked), offline: false, cancellationToken);
        TimeSpan life = token.ExpiresIn > 0 ? TimeSpan.FromSeconds(Math.Min(token.ExpiresIn, int.MaxValue)) : s_defaultLife;
        TimeSpan margin = life / 2 < s_margin ? life / 2 : s_margin;
        return new Held(new AuthenticationHeaderValue("Bearer", token.Value), _time.GetUtcNow() + life - margin);
    }

    // A scope of the registry's that ours covers is not asked for a second time.
    private static List<string> Union(IReadOnlyList<string> own, string[] asked)
        => [.. own, .. asked.Where(scope => !own.Any(mine => Covers(mine, scope)))];

    private static bool Covers(string own, string asked)
    {
        (string ownName, string[] ownActions) = Split(own);
        (string name, string[] actions) = Split(asked);
        return name == ownName && Array.TrueForAll(actions, ownActions.Contains);
    }

    private static (string Name, string[] Actions) Split(string scope)
    {
        int colon = scope.LastIndexOf(':');
        return colon < 0 ? (scope, []) : (scope[..colon], scope[(colon + 1)..].Split(','));
    }

    private sealed record Held(AuthenticationHeaderValue Header, DateTimeOffset Until)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Header.Scheme} until {Until:O}");
    }
}
