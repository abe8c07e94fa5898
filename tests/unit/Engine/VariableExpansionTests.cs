using Tare.Engine.Containers;
using Tare.Engine.Images;

namespace Tare.UnitTests.Engine;

public sealed class VariableExpansionTests
{
    [Theory]
    [InlineData("$A/b", "1/b")]
    [InlineData("${A}b", "1b")]
    [InlineData("$none-", "-")]
    [InlineData("${none:-x}${A:-x}", "x1")]
    [InlineData("${none:+x}${A:+x}", "x")]
    [InlineData("${EMPTY:-x}${EMPTY-x}${none-y}", "xy")]
    [InlineData(@"\$A", "$A")]
    [InlineData("a$ $", "a$ $")]
    [InlineData("${A", "${A")]
    public void VariablesGetTheirValues(string text, string expanded) => Assert.Equal(expanded, VariableExpansion.Expand(text, ["A=1", "EMPTY="]));

    [Fact]
    public void ChangesOfAnImageUseWhatItHas()
    {
        ContainerConfig config = new() { Env = ["PATH=/bin", "D=/data"] };
        ChangeInstructions.Apply(config, ["ENV PATH=/usr/bin:$PATH Q='$PATH'", "ENV OLD $D/x", "WORKDIR $D", "VOLUME [\"${D}/v\"]", "LABEL l=\"$D\"", "USER ${U:-me}"]);
        Assert.Equal(["PATH=/usr/bin:/bin", "D=/data", "Q=$PATH", "OLD=/data/x"], config.Env);
        Assert.Equal(("/data", "me", "/data"), (config.WorkingDir, config.User, config.Labels!["l"]));
        Assert.True(config.Volumes!.ContainsKey("/data/v"));
    }
}
