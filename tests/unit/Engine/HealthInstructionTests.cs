using Tare.Engine.Containers;
using Tare.Engine.Errors;
using Tare.Engine.Images;

namespace Tare.UnitTests.Engine;

public sealed class HealthInstructionTests
{
    [Fact]
    public void FlagsAndBothFormsOfTheCommandAreRead()
    {
        HealthConfig list = Read("HEALTHCHECK --interval=100ms --timeout=2s --start-period=1m --start-interval=5s --retries=4 CMD [\"a\", \"b c\"]");
        Assert.Equal(["CMD", "a", "b c"], list.Test!);
        Assert.Equal((100_000_000, 2_000_000_000, 60_000_000_000, 5_000_000_000, 4), (list.Interval, list.Timeout, list.StartPeriod, list.StartInterval, list.Retries));
        Assert.Equal(["CMD-SHELL", "true  x"], Read("healthcheck --retries=1 cmd true  x").Test!);
        Assert.Equal(["NONE"], Read("HEALTHCHECK NONE").Test!);
    }

    [Theory]
    [InlineData("HEALTHCHECK true", "Unknown type \"TRUE\" in HEALTHCHECK (try CMD)")]
    [InlineData("HEALTHCHECK NONE x", "HEALTHCHECK NONE takes no arguments")]
    [InlineData("HEALTHCHECK --bad=3 CMD x", "unknown flag: --bad")]
    [InlineData("HEALTHCHECK --interval=3 CMD x", "time: missing unit in duration \"3\"")]
    [InlineData("HEALTHCHECK --interval=1us CMD x", "Interval \"interval\" cannot be less than 1ms")]
    [InlineData("HEALTHCHECK CMD", "Missing command after HEALTHCHECK CMD")]
    [InlineData("HEALTHCHECK --retries=-1 CMD x", "--retries cannot be negative (-1)")]
    [InlineData("HEALTHCHECK", "HEALTHCHECK requires at least one argument")]
    public void WrongInstructionsAreRefusedInTheBuildersWords(string text, string message)
        => Assert.Equal(message, Assert.Throws<EngineException>(() => Read(text)).Message);

    private static HealthConfig Read(string text)
    {
        ContainerConfig config = new();
        ChangeInstructions.Apply(config, [text]);
        return config.Healthcheck!;
    }
}
