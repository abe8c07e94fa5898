using System.Text.Json;
using Tare.Cli.Credentials;
using Tare.Cli.Manifests;
using Tare.Oci.Images;
using Tare.UnitTests.Storage;

namespace Tare.UnitTests.Cli;

/// <summary>The user's config.json as the place of credentials, and manifest lists that are being made.</summary>
public sealed class CredentialTests : IDisposable
{
    private const string Token = "token";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void StoringKeepsEverythingElse()
    {
        CredentialFile file = Config("""{"psFormat":"x","auths":{"other":{"auth":"YTpi"}},"HttpHeaders":{"A":"b"},"detachKeys":"ctrl-e,+"}""");
        file.Store(new RegistryCredential("localhost:5000", "me", "pass:word"), withSecret: true);
        using JsonDocument written = JsonDocument.Parse(File.ReadAllText(file.Path));
        Assert.Equal("x", written.RootElement.GetProperty("psFormat").GetString());
        Assert.Equal("b", written.RootElement.GetProperty("HttpHeaders").GetProperty("A").GetString());
        Assert.Contains("\"ctrl-e,+\"", File.ReadAllText(file.Path), StringComparison.Ordinal);
        Assert.Equal(("me", "pass:word"), (file.Get("localhost:5000")!.Username, file.Get("localhost:5000")!.Password));
        Assert.Equal("a", file.Get("other")!.Username);
        file.Erase("localhost:5000");
        Assert.Null(file.Get("localhost:5000"));
        Assert.NotNull(file.Get("other"));
    }

    [Fact]
    public void AnIdentityTokenStandsForThePassword()
    {
        CredentialFile file = Config("{}");
        file.Store(new RegistryCredential("r.example", "me", "", Token), withSecret: true);
        Assert.Equal(("me", "", Token), (file.Get("r.example")!.Username, file.Get("r.example")!.Password, file.Get("r.example")!.IdentityToken));
    }

    [Theory]
    [InlineData("https://r.example", "r.example")]
    [InlineData("https://r.example/v1/", "r.example")]
    [InlineData("http://r.example/v2/", "r.example")]
    public void KeysMayBeUrls(string key, string registry)
        => Assert.Equal("a", Config("{\"auths\":{\"" + key + "\":{\"auth\":\"YTpi\"}}}").Get(registry)!.Username);

    [Fact]
    public void AnEntryWithoutSecretIsNone() => Assert.Null(Config("""{"auths":{"r.example":{}}}""").Get("r.example"));

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"auths":{"r.example":{"auth":"%%"}}}""")]
    public void DamagedFilesAreSaid(string text) => Assert.Throws<FormatException>(() => Config(text).Get("r.example"));

    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"credsStore":"all"}""", "all")]
    [InlineData("""{"credsStore":"all","credHelpers":{"r.example":"own"}}""", "own")]
    [InlineData("""{"credHelpers":{"other":"own"}}""", null)]
    public void HelpersByRegistryThenForAll(string text, string? helper) => Assert.Equal(helper, Config(text).HelperFor("r.example"));

    [Theory]
    [InlineData("docker.io", "https://index.docker.io/v1/")]
    [InlineData("localhost:5000", "localhost:5000")]
    public void KeysOfRegistries(string registry, string key) => Assert.Equal(key, RegistryServer.KeyOf(registry));

    [Fact]
    public void CredentialsAsTheApiTakesThem()
    {
        string header = CredentialStore.Encode(new RegistryCredential("r.example", "me", "p?~ÿ>"));
        Assert.DoesNotContain('+', header);
        Assert.DoesNotContain('/', header);
        using JsonDocument document = JsonDocument.Parse(Convert.FromBase64String(header.Replace('-', '+').Replace('_', '/')));
        Assert.Equal("p?~ÿ>", document.RootElement.GetProperty("password").GetString());
        Assert.False(document.RootElement.TryGetProperty("identitytoken", out _));
    }

    [Fact]
    public void AHelperIsAskedByVerbAndStandardInput()
    {
        WriteHelper($"echo \"$1 $(cat)\" >>{_folder["log"]}; case $1 in get) echo '{{\"Username\":\"<token>\",\"Secret\":\"s\"}}';; list) echo '{{\"a\":\"joe\"}}';; esac");
        CredentialHelper helper = new("unit");
        Assert.Equal("s", helper.Get("r.example")!.IdentityToken);
        Assert.Equal("joe", helper.List()["a"]);
        helper.Store(new RegistryCredential("r.example", "me", "pass"));
        helper.Erase("r.example");
        Assert.Equal(
            ["get r.example", "list ", "store {\"ServerURL\":\"r.example\",\"Username\":\"me\",\"Secret\":\"pass\"}", "erase r.example"], File.ReadAllLines(_folder["log"]));
    }

    [Fact]
    public void AHelperThatHasNothingAndOneThatFails()
    {
        WriteHelper("echo credentials not found in native keychain; exit 1");
        Assert.Null(new CredentialHelper("unit").Get("r.example"));
        WriteHelper("echo the keychain is locked; exit 1");
        Exception failure = Assert.Throws<Tare.Cli.CommandLine.CommandException>(() => new CredentialHelper("unit").Get("r.example"));
        Assert.Equal("error getting credentials - err: exit status 1, out: `the keychain is locked`", failure.Message);
    }

    [Fact]
    public void AListIsWrittenAsDockersClientWritesIt()
    {
        ManifestEntry entry = new(
            ImageReference.Parse("localhost:5000/a:v1"), MediaTypes.DockerManifest, "{}"u8.ToArray(), new Platform { Architecture = "arm64", Os = "linux", Variant = "v8", OsFeatures = ["f"] });
        string digest = Digest.Of("{}"u8).ToString();
        Assert.Equal(
            $$"""
            {
               "schemaVersion": 2,
               "mediaType": "application/vnd.docker.distribution.manifest.list.v2+json",
               "manifests": [
                  {
                     "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                     "size": 2,
                     "digest": "{{digest}}",
                     "platform": {
                        "architecture": "arm64",
                        "os": "linux",
                        "os.features": [
                           "f"
                        ],
                        "variant": "v8"
                     }
                  }
               ]
            }
            """,
            System.Text.Encoding.UTF8.GetString(ManifestJson.List([entry])));
    }

    [Fact]
    public void AListIsKeptBetweenCommands()
    {
        ManifestStore store = new(_folder["manifests"]);
        ImageReference list = ImageReference.Parse("localhost:5000/a:list");
        ManifestEntry entry = new(ImageReference.Parse("localhost:5000/a:v1"), MediaTypes.OciManifest, "{\"x\":1}"u8.ToArray(), new Platform { Architecture = "amd64", Os = "linux" });
        Assert.False(store.Has(list));
        store.Save(list, entry);
        Assert.True(File.Exists(_folder["manifests/localhost-5000_a-list/localhost-5000_a-v1"]));
        ManifestEntry read = Assert.Single(store.Entries(list));
        Assert.Equal((entry.Reference, entry.MediaType, entry.Digest, entry.Platform), (read.Reference, read.MediaType, read.Digest, read.Platform));
        store.Remove(list);
        Assert.Empty(store.Entries(list));
    }

    [Theory]
    [InlineData("linux", "amd64", true)]
    [InlineData("linux", "sparc", false)]
    [InlineData("", "amd64", false)]
    public void Platforms(string os, string architecture, bool known) => Assert.Equal(known, PlatformNames.Has(os, architecture));

    private CredentialFile Config(string text)
    {
        File.WriteAllText(_folder["config.json"], text);
        return new CredentialFile(_folder["config.json"]);
    }

    private void WriteHelper(string script)
    {
        string folder = Directory.CreateDirectory(_folder["bin"]).FullName;
        File.WriteAllText(folder + "/docker-credential-unit", "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(folder + "/docker-credential-unit", (UnixFileMode)0x1ED);
        if (Environment.GetEnvironmentVariable("PATH")?.StartsWith(folder, StringComparison.Ordinal) != true)
        {
            Environment.SetEnvironmentVariable("PATH", $"{folder}:{Environment.GetEnvironmentVariable("PATH")}");
        }
    }
}
