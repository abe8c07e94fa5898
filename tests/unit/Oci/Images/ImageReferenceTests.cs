using Tare.Oci.Images;

namespace Tare.UnitTests.Oci.Images;

public sealed class ImageReferenceTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("debian", "docker.io/library/debian", "debian")]
    [InlineData("debian:12", "docker.io/library/debian:12", "debian:12")]
    [InlineData("user/tool", "docker.io/user/tool", "user/tool")]
    [InlineData("docker.io/debian", "docker.io/library/debian", "debian")]
    [InlineData("index.docker.io/user/tool", "docker.io/user/tool", "user/tool")]
    [InlineData("localhost/tool", "localhost/tool", "localhost/tool")]
    [InlineData("localhost:5000/a/b/c:v1", "localhost:5000/a/b/c:v1", "localhost:5000/a/b/c:v1")]
    [InlineData("registry.example/a", "registry.example/a", "registry.example/a")]
    [InlineData("[::1]:5000/a", "[::1]:5000/a", "[::1]:5000/a")]
    [InlineData("a__b/c--d.e", "docker.io/a__b/c--d.e", "a__b/c--d.e")]
    [InlineData("debian@sha256:" + Hex, "docker.io/library/debian@sha256:" + Hex, "debian@sha256:" + Hex)]
    [InlineData("debian:12@sha256:" + Hex, "docker.io/library/debian:12@sha256:" + Hex, "debian:12@sha256:" + Hex)]
    public void NormalisesAsDocker(string text, string full, string familiar)
    {
        ImageReference reference = ImageReference.Parse(text);
        Assert.Equal(full, reference.ToString());
        Assert.Equal(familiar, reference.Familiar);
    }

    [Theory]
    [InlineData("Debian", "invalid reference format: repository name (library/Debian) must be lowercase")]
    [InlineData("user/Tool:v1", "invalid reference format: repository name (user/Tool) must be lowercase")]
    [InlineData("", "invalid reference format")]
    [InlineData("a//b", "invalid reference format")]
    [InlineData("-a", "invalid reference format")]
    [InlineData("a:", "invalid reference format")]
    [InlineData("a:b!c", "invalid reference format")]
    [InlineData("a/../b", "invalid reference format")]
    [InlineData("a\n", "invalid reference format")]
    [InlineData(Hex, "invalid repository name (" + Hex + "), cannot specify 64-byte hexadecimal strings")]
    public void RefusesInDockersWords(string text, string message)
        => Assert.Equal(message, Assert.Throws<FormatException>(() => ImageReference.Parse(text)).Message);

    [Fact]
    public void LatestIsTheDefaultTagOnlyWithoutADigest()
    {
        Assert.Equal("debian:latest", ImageReference.Parse("debian").WithDefaultTag().Familiar);
        Assert.Equal("debian:12", ImageReference.Parse("debian:12").WithDefaultTag().Familiar);
        Assert.Null(ImageReference.Parse("debian@sha256:" + Hex).WithDefaultTag().Tag);
    }

    [Fact]
    public void NamesHaveALimit() => Assert.Throws<FormatException>(() => ImageReference.Parse(new string('a', 256)));
}
