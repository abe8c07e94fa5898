using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Layers;

namespace Tare.UnitTests.Engine.Layers;

public sealed class LayerSizeTests
{
    [Theory]
    [InlineData("200m", 200L << 20)]
    [InlineData("1.5GB", 3L << 29)]
    [InlineData("10GiB", 10L << 30)]
    [InlineData("10 G", 10L << 30)]
    [InlineData("4096", 4096)]
    [InlineData("0", 0)]
    public void SizesAreDockers(string text, long bytes) => Assert.Equal(bytes, LayerSize.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("10x")]
    [InlineData("9999999p")]
    public void OthersAreRefusedInDockersWords(string text) => Assert.Equal($"invalid size: '{text}'", Assert.Throws<FormatException>(() => LayerSize.Parse(text)).Message);

    [Fact]
    public void TheOptionGoesBeforeTheLabelAndTheLabelBeforeTheDaemons()
    {
        ContainerConfig config = new() { Labels = new() { [LayerSize.Label] = "2m" } };
        Assert.Equal(1L << 20, LayerSize.Take(config, new HostConfig { StorageOpt = new() { ["Size"] = "1m" } }, 3 << 20));
        HostConfig labelled = new();
        Assert.Equal(2L << 20, LayerSize.Take(config, labelled, 3 << 20));
        Assert.Equal("2m", labelled.StorageOpt!["size"]);
        Assert.Equal(3L << 20, LayerSize.Take(new ContainerConfig(), new HostConfig(), 3 << 20));
        Assert.Equal(0, LayerSize.Take(new ContainerConfig(), new HostConfig { StorageOpt = new() { ["size"] = "0" } }, 3 << 20));
    }

    [Fact]
    public void AnUnknownOptionStaysUnknown()
        => Assert.Equal("Unknown option foo", Assert.Throws<EngineException>(() => LayerSize.Of(new() { ["foo"] = "1" })).Message);
}
