using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Tare.Docker.Documents;

namespace Tare.Docker.Routing;

/// <summary>Reads the header <c>X-Registry-Auth</c>: base64 (of either alphabet, with or without padding) of a JSON document with credentials.</summary>
internal static class RegistryAuthHeader
{
    /// <summary>Reads a header; null when it is missing, malformed or holds no credentials: as with dockerd a pull is then anonymous.</summary>
    public static AuthRequestDocument? Parse(string? header)
    {
        if (string.IsNullOrEmpty(header))
        {
            return null;
        }

        AuthRequestDocument? credentials;
        try
        {
            credentials = JsonSerializer.Deserialize(Decode(header), DockerJson.Relaxed.AuthRequestDocument);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }

        if (credentials is { Auth: { Length: > 0 } joined, Username: null or "" })
        {
            SplitAuth(credentials, joined);
        }

        return credentials is not null && (HasText(credentials.Username) || HasText(credentials.IdentityToken) || HasText(credentials.RegistryToken)) ? credentials : null;
    }

    private static bool HasText(string? text) => !string.IsNullOrEmpty(text);

    private static byte[] Decode(string text) => Base64Url.DecodeFromChars(text.Replace('+', '-').Replace('/', '_').TrimEnd('='));

    // The older form of the configuration file: base64 of "user:password".
    private static void SplitAuth(AuthRequestDocument credentials, string joined)
    {
        string pair;
        try
        {
            pair = Encoding.UTF8.GetString(Decode(joined));
        }
        catch (FormatException)
        {
            return;
        }

        int colon = pair.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0)
        {
            credentials.Username = pair[..colon];
            credentials.Password = pair[(colon + 1)..].TrimEnd('\0');
        }
    }
}
