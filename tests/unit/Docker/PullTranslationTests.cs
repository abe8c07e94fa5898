using System.Text;
using Tare.Docker.Documents;
using Tare.Docker.Routing;
using Tare.Docker.Streams;

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
