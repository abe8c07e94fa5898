using System.Text;
using System.Text.Json;

namespace Tare.Cli.Client;

/// <summary>The user's file <c>~/.docker/config.json</c> (or that in DOCKER_CONFIG): credentials of registries and preferences. Read when first needed.</summary>
internal static class ClientConfiguration
{
    private const string DockerHubKey = "https://index.docker.io/v1/";

    /// <summary>A text of the file, such as <c>detachKeys</c> or <c>psFormat</c>; empty when it is not there.</summary>
    public static string Text(string name)
    {
        using JsonDocument? document = Read();
        return document is not null && document.RootElement.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() ?? string.Empty
            : string.Empty;
    }

    /// <summary>The header <c>X-Registry-Auth</c> for a registry: base64url of a JSON document; null when the file holds no credentials for it.</summary>
    /// <param name="registry">Host and port, such as <c>docker.io</c> or <c>localhost:5000</c>.</param>
    public static string? RegistryAuthentication(string registry)
    {
        using JsonDocument? document = Read();
        if (document is null || !document.RootElement.TryGetProperty("auths", out JsonElement auths) || auths.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        string[] keys = registry == "docker.io" ? [DockerHubKey, "docker.io", "index.docker.io"] : [registry, $"https://{registry}", $"http://{registry}"];
        foreach (string key in keys)
        {
            if (auths.TryGetProperty(key, out JsonElement entry) && Encode(entry, key) is { } header)
            {
                return header;
            }
        }

        return null;
    }

    private static string? Encode(JsonElement entry, string server)
    {
        if (!entry.TryGetProperty("auth", out JsonElement auth) || auth.GetString() is not { Length: > 0 } encoded)
        {
            return null;
        }

        string pair = Encoding.UTF8.GetString(Convert.FromBase64String(encoded)).TrimEnd('\0');
        int colon = pair.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return null;
        }

        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("username", pair[..colon]);
            json.WriteString("password", pair[(colon + 1)..]);
            if (entry.TryGetProperty("identitytoken", out JsonElement token))
            {
                json.WriteString("identitytoken", token.GetString());
            }

            json.WriteString("serveraddress", server);
            json.WriteEndObject();
        }

        return Convert.ToBase64String(buffer.ToArray()).Replace('+', '-').Replace('/', '_');
    }

    private static JsonDocument? Read()
    {
        string folder = Environment.GetEnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/root", ".docker");
        string path = Path.Combine(folder, "config.json");
        try
        {
            return File.Exists(path) ? JsonDocument.Parse(File.ReadAllBytes(path)) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new FormatException($"read client configuration \"{path}\": {failure.Message}", failure);
        }
    }
}
