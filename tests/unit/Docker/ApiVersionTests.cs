using Tare.Docker.Routing;

namespace Tare.UnitTests.Docker;

public sealed class ApiVersionTests
{
    [Theory]
    [InlineData("1.24", 1, 24)]
    [InlineData("1.51", 1, 51)]
    [InlineData("2.0", 2, 0)]
    public void Reads(string text, int major, int minor)
    {
        Assert.True(ApiVersion.TryParse(text, out ApiVersion version));
        Assert.Equal(new ApiVersion(major, minor), version);
        Assert.Equal(text, version.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData(".5")]
    [InlineData("1.")]
    [InlineData("1.2.3")]
    [InlineData("-1.2")]
    [InlineData("1.2x")]
    public void RefusesOtherText(string text) => Assert.False(ApiVersion.TryParse(text, out _));

    [Fact]
    public void RefusesInDockersWords()
    {
        Assert.Null(new ApiVersion(1, 24).Refusal());
        Assert.Null(ApiVersion.Current.Refusal());
        Assert.Equal("client version 1.99 is too new. Maximum supported API version is 1.51", new ApiVersion(1, 99).Refusal());
        Assert.Equal(
            "client version 1.10 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version", new ApiVersion(1, 10).Refusal());
        Assert.NotNull(new ApiVersion(2, 0).Refusal());
    }
}
