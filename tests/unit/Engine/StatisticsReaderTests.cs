using Tare.Engine.Containers;

namespace Tare.UnitTests.Engine;

public sealed class StatisticsReaderTests
{
    [Fact]
    public void TheMachinesTimeIsTheFirstLineWithoutGuests()
        => Assert.Equal(280_000_000ul, StatisticsReader.SystemCpu("cpu  1 2 3 4 5 6 7 100 100 100\ncpu0 9 9 9 9 9 9 9 9 9 9\n"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("intr 1 2 3 4 5 6 7 8")]
    public void WithoutThatLineThereIsNone(string? text) => Assert.Null(StatisticsReader.SystemCpu(text));

    [Fact]
    public void InterfacesAreReadWithoutTheLoopback()
    {
        const string Text = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0
              eth0:    1736      18    1    2    0     0          0         0      126       3    4    5    0     0       0          0
            """;
        (string name, IReadOnlyList<ulong> counters) = Assert.Single(StatisticsReader.Interfaces(Text));
        Assert.Equal("eth0", name);
        Assert.Equal([1736, 18, 1, 2, 126, 3, 4, 5], counters);
    }
}
