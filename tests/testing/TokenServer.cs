using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tare.Testing;

/// <summary>
/// A token service for docker-registry (distribution, Token Authentication): user joe with password secret may do everything, nobody may pull from below
/// <c>public/</c>. Tokens are JWTs signed by a key whose certificate the registry is given.
/// </summary>
public sealed class TokenServer : IDisposable
{
    /// <summary>The identity token that logins get.</summary>
    public const string IdentityToken = "identity-of-joe";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly RSA _key = RSA.Create(2048);
    private readonly X509Certificate2 _certificate;
    private readonly List<string> _requests = [];

    public TokenServer()
    {
        CertificateRequest request = new("CN=tokens", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        _listener.Start();
        Realm = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/token";
        AcceptLoop.Start(_listener.Server, ServeAsync);
    }

    /// <summary>The service's URL.</summary>
    public string Realm { get; }

    /// <summary>The certificate that tokens are verified with, PEM.</summary>
    public string Pem => _certificate.ExportCertificatePem();

    /// <summary>How long tokens are good for. Registries allow a minute's skew beside.</summary>
    public TimeSpan Life { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>What was asked: queries, and bodies of OAuth requests.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _certificate.Dispose();
        _key.Dispose();
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            using NetworkStream stream = new(client);
            using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
            string[] request = (await reader.ReadLineAsync() ?? "").Split(' ');
            string authorization = "";
            int length = 0;
            while (await reader.ReadLineAsync() is { Length: > 0 } header)
            {
                authorization = header.StartsWith("Authorization: Basic ", StringComparison.OrdinalIgnoreCase) ? header[21..] : authorization;
                length = header.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase) ? int.Parse(header[16..], CultureInfo.InvariantCulture) : length;
            }

            char[] body = new char[length];
            if (length > 0)
            {
                await reader.ReadBlockAsync(body);
            }

            string parameters = request[0] == "POST" ? new string(body) : request[1].Split('?')[^1];
            (int status, string answer) = Answer(parameters, authorization);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
                $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(answer)}\r\nConnection: close\r\n\r\n{answer}")));
        }
    }

    private (int Status, string Body) Answer(string text, string authorization)
    {
        lock (_requests)
        {
            _requests.Add(Uri.UnescapeDataString(text));
        }

        ILookup<string, string> parameters = text.Split('&').Select(pair => pair.Split('=', 2))
            .ToLookup(pair => pair[0], pair => Uri.UnescapeDataString(pair.ElementAtOrDefault(1)?.Replace('+', ' ') ?? ""));
        string pair = Encoding.UTF8.GetString(Convert.FromBase64String(authorization));
        bool isJoe = pair == "joe:secret" || parameters["refresh_token"].Contains(IdentityToken);
        if (!isJoe && (pair.Length > 0 || parameters.Contains("refresh_token")))
        {
            return (401, """{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}""");
        }

        string token = Token(parameters["service"].FirstOrDefault() ?? "", isJoe, parameters["scope"].SelectMany(scopes => scopes.Split(' ')));
        JsonObject answer = new() { ["token"] = token, ["expires_in"] = (int)Life.TotalSeconds };
        if (parameters["offline_token"].Contains("true"))
        {
            answer["refresh_token"] = IdentityToken;
        }

        return (200, answer.ToJsonString());
    }

    private string Token(string service, bool isJoe, IEnumerable<string> scopes)
    {
        JsonArray access = [];
        foreach (string[] scope in scopes.Select(scope => scope.Split(':')).Where(scope => scope.Length == 3))
        {
            string[] allowed = isJoe ? scope[2].Split(',') : scope[1].StartsWith("public/", StringComparison.Ordinal) ? ["pull"] : [];
            access.Add(new JsonObject { ["type"] = scope[0], ["name"] = scope[1], ["actions"] = new JsonArray([.. allowed.Select(action => (JsonNode)action)]) });
        }

        DateTimeOffset now = DateTimeOffset.UtcNow;
        JsonObject header = new() { ["typ"] = "JWT", ["alg"] = "RS256", ["x5c"] = new JsonArray(Convert.ToBase64String(_certificate.RawData)) };
        JsonObject claims = new()
        {
            ["iss"] = "tare-test",
            ["sub"] = isJoe ? "joe" : "",
            ["aud"] = service,
            ["exp"] = (now + Life).ToUnixTimeSeconds(),
            ["nbf"] = now.AddSeconds(-10).ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["jti"] = Guid.NewGuid().ToString("N"),
            ["access"] = access,
        };
        string signed = $"{Encode(JsonSerializer.SerializeToUtf8Bytes(header))}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{signed}.{Encode(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
