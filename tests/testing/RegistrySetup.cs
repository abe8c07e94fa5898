using System.Text;

namespace Tare.Testing;

/// <summary>What a docker-registry of a test is beyond plain HTTP for everybody.</summary>
public sealed record RegistrySetup
{
    /// <summary>Issues the certificate of a registry with TLS; null for plain HTTP.</summary>
    public TestAuthority? Authority { get; init; }

    /// <summary>What clients must show of themselves, issued by the same authority; null for nothing.</summary>
    public (string Certificate, string Key)? ClientCertificate { get; init; }

    /// <summary>Whether user joe with password secret is asked for (Basic).</summary>
    public bool WithPasswords { get; init; }

    /// <summary>Whose tokens are asked for; null for nobody's.</summary>
    public TokenServer? Tokens { get; init; }

    /// <summary>Whether manifests may name other places for their layers, by http.</summary>
    public bool WithForeignLayers { get; init; }

    /// <summary>Writes the files beside the configuration, and gives the rest of the configuration, which goes on in the part <c>http</c>.</summary>
    internal string Write(string folder)
    {
        StringBuilder text = new();
        if (Authority is not null)
        {
            (string certificate, string key) = Authority.Issue("registry");
            File.WriteAllText($"{folder}/server.crt", certificate);
            File.WriteAllText($"{folder}/server.key", key);
            File.WriteAllText($"{folder}/ca.crt", Authority.Pem);
            text.Append($"  tls:\n    certificate: {folder}/server.crt\n    key: {folder}/server.key\n");
            text.Append(ClientCertificate is null ? "" : $"    clientcas: [{folder}/ca.crt]\n");
        }

        if (WithPasswords)
        {
            // bcrypt of "secret", the only hash that the registry takes.
            File.WriteAllText($"{folder}/htpasswd", "joe:$2y$04$xGHSKbBoxKFTKhCEkqFNY.uWNMvytIy07y3s9NB5GdqowcygCw.3W\n");
            text.Append($"auth:\n  htpasswd:\n    realm: test\n    path: {folder}/htpasswd\n");
        }

        if (Tokens is not null)
        {
            File.WriteAllText($"{folder}/tokens.crt", Tokens.Pem);
            text.Append($"auth:\n  token:\n    realm: {Tokens.Realm}\n    service: tare-registry\n    issuer: tare-test\n    rootcertbundle: {folder}/tokens.crt\n");
        }

        if (WithForeignLayers)
        {
            text.Append("validation:\n  manifests:\n    urls:\n      allow: ['^http://']\n");
        }

        return text.ToString();
    }
}
