using Tare.Oci.Images;

namespace Tare.UnitTests.Oci.Images;

public sealed class PlatformTests
{
    [Theory]
    [InlineData("linux/amd64", "linux/amd64")]
    [InlineData("LINUX/aarch64", "linux/arm64")]
    [InlineData("linux/arm64/v8", "linux/arm64")]
    [InlineData("linux/arm/v7", "linux/arm/v7")]
    [InlineData("arm64", "linux/arm64")]
    [InlineData("windows/amd64", "windows/amd64")]
    [InlineData("macos/arm64", "darwin/arm64")]
    public void ReadsPlatforms(string text, string platform) => Assert.Equal(platform, Platform.Parse(text).ToString());

    [Fact]
    public void ASystemAloneHasThisMachinesArchitecture() => Assert.Equal(Platform.Current with { Os = "windows" }, Platform.Parse("windows"));

    [Theory]
    [InlineData("       ", "is an invalid OS component")]
    [InlineData("/", "is an invalid OS component")]
    [InlineData("linux/", "is an invalid component of")]
    [InlineData("nintendo64", "unknown operating system or architecture")]
    [InlineData("a/b/c/d", "cannot parse platform specifier")]
    public void RefusesOthers(string text, string message) => Assert.Contains(message, Assert.Throws<FormatException>(() => Platform.Parse(text)).Message, StringComparison.Ordinal);
}
