using System.Text.Json;

namespace Tare.Cli.Client;

/// <summary>The user's file <c>~/.docker/config.json</c> (or that in DOCKER_CONFIG): preferences. <see cref="Credentials.CredentialFile"/> reads the credentials in it. Read when first needed.</summary>
internal static class ClientConfiguration
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "DOCKER_CONFIG";

    /// <summary>A text of the file, such as <c>detachKeys</c> or <c>psFormat</c>; empty when it is not there.</summary>
    public static string Text(string name)
    {
        using JsonDocument? document = Read();
        return document is not null && document.RootElement.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() ?? string.Empty
            : string.Empty;
    }

    /// <summary>The file, whether it is there or not.</summary>
    public static string Path => System.IO.Path.Combine(Folder, "config.json");

    /// <summary>The folder that it is in.</summary>
    public static string Folder => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
        ? named
        : System.IO.Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/root", ".docker");

    private static JsonDocument? Read()
    {
        string path = Path;
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
