using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tare.Cli.Credentials;

/// <summary>
/// The user's <c>config.json</c> as the place of credentials. What else the file holds stays as it is; it is written beside and renamed, for its owner's eyes only.
/// </summary>
/// <param name="path">The file.</param>
internal sealed class CredentialFile(string path)
{
    private const string Auths = "auths";
    private const string Auth = "auth";
    private const string Token = "identitytoken";

    /// <summary>The file, for messages.</summary>
    public string Path => path;

    /// <summary>The helper that keeps the credentials for a registry; null when this file does.</summary>
    public string? HelperFor(string server)
    {
        JsonObject root = Read();
        string? own = root["credHelpers"] is JsonObject helpers ? Text(helpers, server) ?? Text(helpers, RegistryServer.HostOf(server)) : null;
        return own ?? Text(root, "credsStore");
    }

    /// <summary>Credentials for a registry; null when there are none.</summary>
    /// <exception cref="FormatException">The file is damaged.</exception>
    public RegistryCredential? Get(string server)
    {
        if (Read()[Auths] is not JsonObject auths)
        {
            return null;
        }

        foreach ((string key, JsonNode? value) in auths.OrderByDescending(entry => entry.Key == server))
        {
            if ((key == server || RegistryServer.HostOf(key) == RegistryServer.HostOf(server)) && value is JsonObject entry && Decode(server, entry) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>Keeps credentials.</summary>
    /// <param name="credential">The credentials.</param>
    /// <param name="withSecret">Whether the secret goes into the file; without, a helper has it and the file only names the registry.</param>
    public void Store(RegistryCredential credential, bool withSecret)
    {
        JsonObject root = Read();
        if (root[Auths] is not JsonObject auths)
        {
            root[Auths] = auths = [];
        }

        JsonObject entry = [];
        if (withSecret)
        {
            entry[Auth] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.Username}:{credential.Password}"));
            if (credential.IdentityToken.Length > 0)
            {
                entry[Token] = credential.IdentityToken;
            }
        }

        auths[credential.Server] = entry;
        Write(root);
    }

    /// <summary>Forgets the credentials for a registry.</summary>
    public void Erase(string server)
    {
        JsonObject root = Read();
        if (root[Auths] is JsonObject auths && auths.Remove(server))
        {
            Write(root);
        }
    }

    private static RegistryCredential? Decode(string server, JsonObject entry)
    {
        string identity = Text(entry, Token) ?? "";
        string registryToken = Text(entry, "registrytoken") ?? "";
        string pair;
        try
        {
            pair = Encoding.UTF8.GetString(Convert.FromBase64String(Text(entry, Auth) ?? "")).TrimEnd('\0');
        }
        catch (FormatException failure)
        {
            throw new FormatException($"the credentials of \"{server}\" in the client configuration are no base64", failure);
        }

        int colon = pair.IndexOf(':', StringComparison.Ordinal);
        string user = colon < 0 ? Text(entry, "username") ?? "" : pair[..colon];
        string password = colon < 0 ? Text(entry, "password") ?? "" : pair[(colon + 1)..];
        return user.Length + identity.Length + registryToken.Length == 0 ? null : new RegistryCredential(server, user, password, identity, registryToken);
    }

    private static string? Text(JsonObject parent, string name)
        => parent[name] is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;

    private JsonObject Read()
    {
        try
        {
            return !File.Exists(path) ? []
                : JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject ?? throw new FormatException($"read client configuration \"{path}\": it is no JSON object");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new FormatException($"read client configuration \"{path}\": {failure.Message}", failure);
        }
    }

    private void Write(JsonObject root)
    {
        // A link is followed, as people keep this file elsewhere.
        string target = new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        string folder = System.IO.Path.GetDirectoryName(target)!;
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string temporary = $"{target}.{Environment.ProcessId}";
        try
        {
            FileStreamOptions options = new()
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            using (FileStream file = new(temporary, options))
            {
                using (Utf8JsonWriter json = new(file, new JsonWriterOptions { Indented = true, IndentCharacter = '\t', IndentSize = 1, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
                {
                    root.WriteTo(json);
                }

                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new CommandLine.CommandException($"Error saving credentials: {failure.Message}");
        }
    }
}
