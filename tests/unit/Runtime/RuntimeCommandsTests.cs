using Tare.Runtime.Commands;
using Tare.Runtime.Containers;
using Tare.Runtime.Plan;

namespace Tare.UnitTests.Runtime;

public sealed class RuntimeCommandsTests
{
    [Fact]
    public void PsKeepsTheHeadingAndTheLinesOfTheContainer()
        => Assert.Equal(
            "  PID TTY   CMD\n   12 ?     sh\n",
            PsCommand.Select("  PID TTY   CMD\n    1 ?     init\n   12 ?     sh\n  120 ?     cat 12\n", new HashSet<int> { 12 }));

    [Fact]
    public void PsNeedsTheColumnPid()
        => Assert.Equal("couldn't find PID field in ps output", Assert.Throws<RuntimeException>(() => PsCommand.Select("USER COMMAND\nroot sh\n", new HashSet<int>())).Message);

    [Theory]
    [InlineData("5s", 5000)]
    [InlineData("500ms", 500)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1.5s", 1500)]
    public void IntervalsAreReadAsGoReadsThem(string text, int milliseconds) => Assert.Equal(milliseconds, EventsCommand.Duration(text));

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("0s")]
    [InlineData("-1s")]
    [InlineData("5 s")]
    [InlineData("1d")]
    public void OtherIntervalsAreRefused(string text) => Assert.Throws<RuntimeException>(() => EventsCommand.Duration(text));

    [Fact]
    public void ListsOfProcessorsAreSetsOfBits()
        => Assert.Equal([0x8Ful, 1ul << 63, 1ul], SchedulingSteps.Mask("0-3,7,127-128", 192, "field"));

    [Theory]
    [InlineData("x")]
    [InlineData("3-1")]
    [InlineData("1-2-3")]
    [InlineData("192")]
    [InlineData("-1")]
    public void OtherListsAreRefused(string list)
        => Assert.Contains("field", Assert.Throws<ArgumentException>(() => SchedulingSteps.Mask(list, 192, "field")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(2, null)]
    [InlineData(HookCall.Ended | (3 << 8), "exit status 3")]
    [InlineData(HookCall.Ended | 9, "killed by signal 9")]
    [InlineData(HookCall.TimedOut, "it did not end in time and was killed")]
    public void ReportsOfHooksAreDescribed(int report, string? words) => Assert.Equal(words, HookCall.Describe(report));
}
