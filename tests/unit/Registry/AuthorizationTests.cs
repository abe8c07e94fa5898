using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Tare.Registry;
using Tare.Registry.Auth;
using Tare.Registry.Transport;

namespace Tare.UnitTests.Registry;

/// <summary>Tokens, their life, logins.</summary>
public sealed class AuthorizationTests
{
    private static readonly Endpoint s_endpoint = new(new Uri("https://registry.example"), false, false);

    [Fact]
    public async Task ATokenIsUsedUntilShortlyBeforeItExpires()
    {
        ManualClock clock = new();
        using TokenRegistry registry = new() { Life = 300 };
        using RegistrySession session = Session(registry, clock, new RegistryAuth("me", "pass"));
        await AskAsync(session, 200);
        await AskAsync(session, 200);
        Assert.Equal(1, registry.TokensGiven);
        clock.Advance(TimeSpan.FromSeconds(291));
        await AskAsync(session, 200);
        Assert.Equal(2, registry.TokensGiven);
        Assert.Equal(1, registry.Refusals); // the second token was fetched before the registry refused the first
    }

    [Fact]
    public async Task ATokenThatTheRegistryNoLongerTakesIsReplaced()
    {
        using TokenRegistry registry = new();
        using RegistrySession session = Session(registry, new ManualClock(), null);
        await AskAsync(session, 200);
        registry.Revoke();
        await AskAsync(session, 200);
        Assert.Equal(2, registry.TokensGiven);
    }

    [Fact]
    public async Task AnIdentityTokenIsExchangedByOAuth()
    {
        using TokenRegistry registry = new();
        using RegistrySession session = Session(registry, new ManualClock(), new RegistryAuth("", "", "identity"));
        await AskAsync(session, 200);
        Assert.Contains("grant_type=refresh_token", registry.LastForm, StringComparison.Ordinal);
        Assert.Contains("refresh_token=identity", registry.LastForm, StringComparison.Ordinal);
        Assert.Contains("scope=repository%3Ax%3Apull", registry.LastForm, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARegistryTokenIsSentAsItIs()
    {
        using TokenRegistry registry = new();
        registry.Accept("given");
        using RegistrySession session = Session(registry, new ManualClock(), new RegistryAuth("", "", "", "given"));
        await AskAsync(session, 200);
        Assert.Equal(0, registry.TokensGiven);
    }

    [Fact]
    public async Task AnotherHostGetsNoCredentials()
    {
        using TokenRegistry registry = new();
        using RegistrySession session = Session(registry, new ManualClock(), new RegistryAuth("me", "pass"));
        await AskAsync(session, 200);
        using HttpResponseMessage response = await session.SendAsync(new RegistryRequest(HttpMethod.Get, new Uri("https://elsewhere.example/v2/")), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Null(registry.LastAuthorization);
    }

    [Fact]
    public async Task ALoginByTokenServiceGivesItsIdentityToken()
    {
        using TokenRegistry registry = new() { Identity = "forever" };
        Assert.Equal("forever", await LoginAsync(registry, new RegistryAuth("me", "pass")));
        Assert.Contains("offline_token=true", registry.LastQuery, StringComparison.Ordinal);
        Assert.DoesNotContain("scope=", registry.LastQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALoginWithAWrongPassword()
    {
        using TokenRegistry registry = new() { Password = "pass" };
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(() => LoginAsync(registry, new RegistryAuth("me", "wrong")));
        Assert.Equal(("Get \"https://registry.example/v2/\": unauthorized: incorrect username or password", RegistryErrorKind.Unauthenticated), (failure.Message, failure.Kind));
    }

    [Theory]
    [InlineData("", "docker.io")]
    [InlineData("https://index.docker.io/v1/", "docker.io")]
    [InlineData("docker.io", "docker.io")]
    [InlineData("localhost:5000", "localhost:5000")]
    [InlineData("https://registry.example:8443/v2/", "registry.example:8443")]
    public void ServersOfLogins(string server, string domain) => Assert.Equal(domain, LoginCheck.DomainOf(server));

    private static async Task<string> LoginAsync(TokenRegistry registry, RegistryAuth auth)
    {
        RegistryOptions options = new();
        using RegistryHttp http = new(options, _ => registry);
        return await new LoginCheck(http, options).RunAsync("registry.example", auth, TestContext.Current.CancellationToken);
    }

    private static RegistrySession Session(TokenRegistry registry, TimeProvider clock, RegistryAuth? auth)
        => new(new HttpClient(registry, disposeHandler: false), s_endpoint, auth, ["repository:x:pull"], new RegistryOptions { Time = clock });

    private static async Task AskAsync(RegistrySession session, int status)
    {
        using HttpResponseMessage response = await session.SendAsync(new RegistryRequest(HttpMethod.Get, new Uri("https://registry.example/v2/x/tags/list")), TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)response.StatusCode);
    }

    private sealed class ManualClock : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

        public void Advance(TimeSpan time) => _now += time;

        public override DateTimeOffset GetUtcNow() => _now;
    }

    /// <summary>A registry whose token service is on another host.</summary>
    private sealed class TokenRegistry : HttpMessageHandler
    {
        private string _token = "none";

        public int Life { get; init; }

        public string Password { get; init; } = "pass";

        public string? Identity { get; init; }

        public int TokensGiven { get; private set; }

        public int Refusals { get; private set; }

        public string LastForm { get; private set; } = "";

        public string LastQuery { get; private set; } = "";

        public AuthenticationHeaderValue? LastAuthorization { get; private set; }

        public void Revoke() => _token = "revoked";

        public void Accept(string token) => _token = token;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.Host == "auth.example")
            {
                LastQuery = request.RequestUri.Query;
                LastForm = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
                string? basic = request.Headers.Authorization?.Parameter;
                if (basic is not null && Encoding.UTF8.GetString(Convert.FromBase64String(basic)) != "me:" + Password)
                {
                    return new HttpResponseMessage(HttpStatusCode.Unauthorized);
                }

                _token = $"token-{++TokensGiven}";
                string more = (Life > 0 ? $",\"expires_in\":{Life}" : "") + (Identity is null ? "" : $",\"refresh_token\":\"{Identity}\"");
                return ScriptedRegistry.Answer(HttpStatusCode.OK, Encoding.UTF8.GetBytes($"{{\"access_token\":\"{_token}\"{more}}}"), "application/json");
            }

            LastAuthorization = request.Headers.Authorization;
            if (request.Headers.Authorization?.Parameter == _token)
            {
                return new HttpResponseMessage(HttpStatusCode.OK);
            }

            Refusals++;
            HttpResponseMessage response = new(HttpStatusCode.Unauthorized) { Content = new ByteArrayContent([]) };
            response.Headers.WwwAuthenticate.Add(new AuthenticationHeaderValue("Bearer", "realm=\"https://auth.example/token\",service=\"registry.example\""));
            return response;
        }
    }
}
