using Microsoft.Extensions.Time.Testing;
using Tare.Cli.CommandLine;
using Tare.Cli.Output;

namespace Tare.UnitTests.Cli;

public sealed class ValueTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("512", 512)]
    [InlineData("64m", 64L << 20)]
    [InlineData("1.5g", 3L << 29)]
    [InlineData("2KB", 2048)]
    [InlineData("2kib", 2048)]
    [InlineData("7 b", 7)]
    public void SizesCountInUnitsOf1024(string text, long bytes) => Assert.Equal(bytes, ByteSize.Parse(text));

    [Theory]
    [InlineData("x", "invalid size: 'x'")]
    [InlineData("-1", "invalid size: '-1'")]
    [InlineData("5x", "invalid suffix: 'x'")]
    public void BadSizesAreRefused(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => ByteSize.Parse(text)).Message);

    [Theory]
    [InlineData("1.5", 1_500_000_000)]
    [InlineData("3/2", 1_500_000_000)]
    [InlineData(".01", 10_000_000)]
    public void CpusCountInBillionths(string text, long nano) => Assert.Equal(nano, FlagValues.NanoCpus(text));

    [Theory]
    [InlineData("x", "failed to parse x as a rational number")]
    [InlineData("0.0000000001", "value is too precise")]
    public void BadCpusAreRefused(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => FlagValues.NanoCpus(text)).Message);

    [Theory]
    [InlineData("1h30m", 5_400_000_000_000)]
    [InlineData("1.5s", 1_500_000_000)]
    [InlineData("300ms", 300_000_000)]
    [InlineData("0", 0)]
    public void DurationsCountInNanoseconds(string text, long nanoseconds) => Assert.Equal(nanoseconds, GoDuration.ParseNanoseconds(text));

    [Theory]
    [InlineData("5")]
    [InlineData("")]
    [InlineData("1x")]
    [InlineData("s")]
    public void ADurationNeedsAUnit(string text) => Assert.False(GoDuration.TryParse(text, out _));

    [Fact]
    public void TimesAreTakenAsTheyAreMeant()
    {
        FakeTimeProvider clock = new(DateTimeOffset.FromUnixTimeSeconds(1_000_000));
        Assert.Equal("", TimeArgument.Parse("since", "", clock));
        Assert.Equal("123.5", TimeArgument.Parse("since", "123.5", clock));
        Assert.Equal("999940.000000000", TimeArgument.Parse("since", "1m", clock));
        Assert.Equal("1767225600.000000000", TimeArgument.Parse("since", "2026-01-01T00:00:00Z", clock));
        Assert.Equal(
            "invalid value for \"since\": failed to parse value as time or duration: \"xx\"",
            Assert.Throws<FormatException>(() => TimeArgument.Parse("since", "xx", clock)).Message);
    }

    [Theory]
    [InlineData(0, "0B")]
    [InlineData(999, "999B")]
    [InlineData(1_984_172, "1.98MB")]
    [InlineData(117_000_000, "117MB")]
    public void TablesShowThreeDigitsOfASize(long bytes, string text) => Assert.Equal(text, SizeText.Human(bytes, 3));

    [Fact]
    public void MemoryIsShownInUnitsOf1024() => Assert.Equal("23.54GiB", SizeText.Binary(25_275_000_000));

    [Theory]
    [InlineData(0.4, "Less than a second")]
    [InlineData(1, "1 second")]
    [InlineData(59, "59 seconds")]
    [InlineData(80, "About a minute")]
    [InlineData(180, "3 minutes")]
    [InlineData(3_600, "About an hour")]
    [InlineData(47 * 3_600, "47 hours")]
    [InlineData(3 * 86_400, "3 days")]
    [InlineData(15 * 86_400, "2 weeks")]
    [InlineData(90 * 86_400, "3 months")]
    [InlineData(800 * 86_400, "2 years")]
    public void AgesAreTold(double seconds, string text) => Assert.Equal(text, AgeText.Human(TimeSpan.FromSeconds(seconds)));
}
