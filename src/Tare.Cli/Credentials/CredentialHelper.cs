using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Tare.Cli.CommandLine;
using Tare.Linux;
using Tare.Linux.Files;
using Tare.Linux.Processes;

namespace Tare.Cli.Credentials;

/// <summary>
/// Keeps credentials in another program, <c>docker-credential-NAME</c>: the verb (get, store, erase, list) is its argument, the request comes on its standard input, the
/// answer on its standard output, and a message there too when it fails (docker-credential-helpers).
/// </summary>
/// <param name="name">The helper's name without <c>docker-credential-</c>.</param>
internal sealed class CredentialHelper(string name)
{
    private const string NotFound = "credentials not found in native keychain";
    private const string TokenUser = "<token>";

    /// <summary>Credentials for a registry; null when the helper has none.</summary>
    /// <exception cref="CommandException">The helper cannot be run, or failed.</exception>
    public RegistryCredential? Get(string server)
    {
        (int exitCode, string answer) = Run("get", server);
        if (exitCode != 0)
        {
            return answer.Trim() == NotFound ? null : throw Failed("getting", answer);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            string user = document.RootElement.GetProperty("Username").GetString() ?? "";
            string secret = document.RootElement.GetProperty("Secret").GetString() ?? "";
            return user == TokenUser ? new RegistryCredential(server, "", "", secret) : new RegistryCredential(server, user, secret);
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Failed("getting", "its answer is no credentials");
        }
    }

    /// <summary>Keeps credentials.</summary>
    /// <exception cref="CommandException">The helper cannot be run, or failed.</exception>
    public void Store(RegistryCredential credential)
    {
        bool isToken = credential.IdentityToken.Length > 0;
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("ServerURL", credential.Server);
            json.WriteString("Username", isToken ? TokenUser : credential.Username);
            json.WriteString("Secret", isToken ? credential.IdentityToken : credential.Password);
            json.WriteEndObject();
        }

        (int exitCode, string answer) = Run("store", Encoding.UTF8.GetString(buffer.ToArray()));
        if (exitCode != 0)
        {
            throw Failed("storing", answer);
        }
    }

    /// <summary>Forgets the credentials for a registry; nothing happens when there are none.</summary>
    /// <exception cref="CommandException">The helper cannot be run, or failed.</exception>
    public void Erase(string server)
    {
        (int exitCode, string answer) = Run("erase", server);
        if (exitCode != 0 && answer.Trim() != NotFound)
        {
            throw Failed("erasing", answer);
        }
    }

    /// <summary>The registries that there are credentials for, with the user's name.</summary>
    /// <exception cref="CommandException">The helper cannot be run, or failed.</exception>
    public Dictionary<string, string> List()
    {
        (int exitCode, string answer) = Run("list", "");
        if (exitCode != 0)
        {
            throw Failed("listing", answer);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            return document.RootElement.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString() ?? "");
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw Failed("listing", "its answer is no list of credentials");
        }
    }

    private static CommandException Failed(string verb, string answer) => new($"error {verb} credentials - err: exit status 1, out: `{answer.Trim()}`");

    private (int ExitCode, string Answer) Run(string verb, string request)
    {
        string program = $"docker-credential-{name}";
        string path = Find(program) ?? throw new CommandException($"error getting credentials - err: exec: \"{program}\": executable file not found in $PATH, out: ``");
        using DescriptorPair asked = DescriptorPair.Pipe();
        using DescriptorPair told = DescriptorPair.Pipe();
        SpawnedProcess process;
        try
        {
            process = ProcessLauncher.Spawn(new SpawnRequest { Path = path, Arguments = [program, verb], Descriptors = [asked.First, told.Second, null] });
        }
        catch (LinuxException failure)
        {
            throw new CommandException($"error getting credentials - err: {failure.Message}, out: ``");
        }

        using (process)
        {
            // The helper has its own copies of these ends; with ours open, neither side would ever see an end.
            asked.First.Dispose();
            told.Second.Dispose();
            Feed(asked.Second, request);
            using StreamReader reader = new(new FileStream(told.First, FileAccess.Read, 0));
            string answer = reader.ReadToEnd();
            return (process.WaitForExitAsync().GetAwaiter().GetResult().ShellStatus, answer);
        }
    }

    private static void Feed(SafeFileHandle pipe, string request)
    {
        using FileStream input = new(pipe, FileAccess.Write, 0);
        try
        {
            input.Write(Encoding.UTF8.GetBytes(request));
        }
        catch (IOException)
        {
            // A helper may answer without reading everything; its answer tells.
        }
    }

    private static string? Find(string program)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
