using System.Text;
using System.Text.Json;
using Tare.Docker.Documents;
using Tare.Docker.Endpoints;
using Tare.Docker.Routing;
using Tare.Docker.Streams;
using Tare.Registry;

namespace Tare.UnitTests.Docker;

public sealed class PullTranslationTests
{
    [Theory]
    [InlineData(0, 0, null)]
    [InlineData(0, 100, "[>                                                  ]       0B/100B")]
    [InlineData(50, 100, "[=========================>                         ]      50B/100B")]
    [InlineData(100, 100, "[==================================================>]     100B/100B")]
    [InlineData(1234567, 0, " 1.235MB")]
    [InlineData(120, 100, "[==================================================>]     120B")]
    public void DrawsProgress(long current, long total, string? text) => Assert.Equal(text, ProgressText.Draw(current, total));

    [Theory]
    [InlineData(999, "999B")]
    [InlineData(1000, "1kB")]
    [InlineData(15_300, "15.3kB")]
    [InlineData(123_456, "123.5kB")]
    [InlineData(2_129_920, "2.13MB")]
    [InlineData(7_000_000_000, "7GB")]
    public void WritesSizes(long bytes, string text) => Assert.Equal(text, ProgressText.Size(bytes));

    [Fact]
    public void ReadsCredentialsOfEitherAlphabet()
    {
        string json = """{"username":"joe","password":"p?~ÿ>","serveraddress":"r.example"}""";
        string standard = Convert.ToBase64String(Encoding.UTF8.GetBytes(json));
        foreach (string header in new[] { standard, standard.Replace('+', '-').Replace('/', '_'), standard.TrimEnd('=') })
        {
            AuthRequestDocument? credentials = RegistryAuthHeader.Parse(header);
            Assert.Equal("joe", credentials!.Username);
            Assert.Equal("p?~ÿ>", credentials.Password);
        }
    }

    [Theory]
    [InlineData("debian", null, "debian")]
    [InlineData("debian", "12", "debian:12")]
    [InlineData("debian", "sha256:00", "debian@sha256:00")]
    [InlineData("localhost:5000/a/b:c", "", "localhost:5000/a/b:c")]
    public void PutsNameAndTagTogether(string image, string? tag, string reference) => Assert.Equal(reference, ImageCreation.Reference(image, tag));

    [Theory]
    [InlineData("abc", "Downloading", 50, 100, """{"status":"Downloading","progressDetail":{"current":50,"total":100},"progress":"[=========================>                         ]      50B/100B","id":"abc"}""")]
    [InlineData("abc", "Pull complete", 0, 0, """{"status":"Pull complete","progressDetail":{},"id":"abc"}""")]
    [InlineData(null, "Status: Downloaded", 0, 0, """{"status":"Status: Downloaded"}""")]
    public void WritesStepsAsDocker(string? id, string status, long current, long total, string line) => Assert.Equal(
        line, JsonSerializer.Serialize(PullReporter.Line(new PullProgress(id, status, current, total)), DockerJson.Relaxed.ProgressDocument));

    [Fact]
    public void ReadsTheJoinedForm()
    {
        string joined = Convert.ToBase64String("joe:secret"u8);
        AuthRequestDocument? credentials = RegistryAuthHeader.Parse(Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"auth":"{{joined}}"}""")));
        Assert.Equal("joe", credentials!.Username);
        Assert.Equal("secret", credentials.Password);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("e30=")]
    [InlineData("%%%")]
    [InlineData("bm90IGpzb24")]
    public void NoCredentialsAreAnonymous(string? header) => Assert.Null(RegistryAuthHeader.Parse(header));
}
