using System.Text.Json;
using Tare.Cli.Client;

namespace Tare.Cli.Credentials;

/// <summary>Where the user's credentials are: in helpers, by registry or for all, else in the user's <c>config.json</c>.</summary>
/// <param name="file">The file.</param>
internal sealed class CredentialStore(CredentialFile file)
{
    /// <summary>The user's.</summary>
    public static CredentialStore Default => new(new CredentialFile(ClientConfiguration.Path));

    /// <summary>The file, for messages.</summary>
    public string FilePath => file.Path;

    /// <summary>Whether secrets for a registry end up readable in the file.</summary>
    public bool IsPlain(string server) => file.HelperFor(server) is null;

    /// <summary>Credentials for a registry; null when there are none.</summary>
    /// <param name="server">The key, by <see cref="RegistryServer.KeyOf"/>.</param>
    public RegistryCredential? Get(string server)
        => file.HelperFor(server) is { } helper ? new CredentialHelper(helper).Get(server) ?? file.Get(server) : file.Get(server);

    /// <summary>Keeps credentials.</summary>
    public void Store(RegistryCredential credential)
    {
        string? helper = file.HelperFor(credential.Server);
        if (helper is not null)
        {
            new CredentialHelper(helper).Store(credential);
        }

        file.Store(credential, withSecret: helper is null);
    }

    /// <summary>Forgets the credentials for a registry.</summary>
    public void Erase(string server)
    {
        if (file.HelperFor(server) is { } helper)
        {
            new CredentialHelper(helper).Erase(server);
        }

        file.Erase(server);
    }

    /// <summary>The header <c>X-Registry-Auth</c> for the registry of an image; null when there are no credentials for it.</summary>
    /// <param name="registry">Host and port, such as <c>docker.io</c> or <c>localhost:5000</c>.</param>
    public string? HeaderFor(string registry) => Get(RegistryServer.KeyOf(registry)) is { } credential ? Encode(credential) : null;

    /// <summary>Credentials as the API takes them: base64url of a JSON document.</summary>
    public static string Encode(RegistryCredential credential)
        => Convert.ToBase64String(ToJson(credential)).Replace('+', '-').Replace('/', '_');

    /// <summary>Credentials as the body of <c>POST /auth</c>.</summary>
    public static byte[] ToJson(RegistryCredential credential)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            void Write(string name, string value)
            {
                if (value.Length > 0)
                {
                    json.WriteString(name, value);
                }
            }

            Write("username", credential.Username);
            Write("password", credential.Password);
            Write("identitytoken", credential.IdentityToken);
            Write("registrytoken", credential.RegistryToken);
            Write("serveraddress", credential.Server);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
