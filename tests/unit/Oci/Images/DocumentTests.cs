using System.Text;
using System.Text.Json;
using Tare.Oci.Images;

namespace Tare.UnitTests.Oci.Images;

public sealed class DocumentTests
{
    [Theory]
    [InlineData("sha256:E3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("sha256:abc")]
    [InlineData("md5:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("")]
    public void WhatIsNoDigest(string text) => Assert.Throws<FormatException>(() => Digest.Parse(text));

    [Fact]
    public void DigestOfNothing() => Assert.Equal("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Digest.Of([]).ToString());

    [Fact]
    public void ChainIdsBuildOnEachOther()
    {
        Digest a = Digest.Of("a"u8);
        Digest b = Digest.Of("b"u8);
        IReadOnlyList<Digest> chain = ChainId.Of([a, b]);
        Assert.Equal(a, chain[0]);
        Assert.Equal(Digest.Of(Encoding.ASCII.GetBytes($"{a} {b}")), chain[1]);
    }

    [Theory]
    [InlineData("linux/amd64", "amd64", null, true)]
    [InlineData("linux/x86_64", "amd64", null, true)]
    [InlineData("linux/arm64/v8", "arm64", null, true)]
    [InlineData("linux/arm/v7", "arm", "v6", false)]
    [InlineData("linux/s390x", "amd64", null, false)]
    public void PlatformsMatch(string wanted, string architecture, string? variant, bool matches)
        => Assert.Equal(matches, new Platform { Os = "linux", Architecture = architecture, Variant = variant }.Matches(Platform.Parse(wanted)));

    [Theory]
    [InlineData("linux/amd64/v1/x")]
    [InlineData("linux/")]
    public void WhatIsNoPlatform(string text) => Assert.Throws<FormatException>(() => Platform.Parse(text));

    [Fact]
    public void IndexSelectsByPlatform()
    {
        ImageIndex index = JsonSerializer.Deserialize("""
            {"schemaVersion":2,"unknown":1,"manifests":[
              {"mediaType":"m","digest":"sha256:1","size":1,"platform":{"architecture":"unknown","os":"unknown"}},
              {"mediaType":"m","digest":"sha256:2","size":1,"platform":{"architecture":"arm","os":"linux","variant":"v6"}},
              {"mediaType":"m","digest":"sha256:3","size":1,"platform":{"architecture":"arm","os":"linux","variant":"v7"}}]}
            """, ImagesJson.Default.ImageIndex)!;
        Assert.Equal("sha256:3", index.Select(Platform.Parse("linux/arm/v7"))!.Digest);
        Assert.Equal("sha256:2", index.Select(Platform.Parse("linux/arm"))!.Digest);
        Assert.Null(index.Select(Platform.Parse("linux/amd64")));
    }
}
