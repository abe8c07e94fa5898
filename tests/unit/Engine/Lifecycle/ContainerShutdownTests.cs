using Tare.Engine.Containers;
using Tare.Engine.Lifecycle;

namespace Tare.UnitTests.Engine.Lifecycle;

/// <summary>How long a daemon that ends waits for its containers, and which of them the next one starts.</summary>
public sealed class ContainerShutdownTests
{
    [Theory]
    [InlineData(15, new int[0], 15)]
    [InlineData(15, new[] { 10, 0 }, 15)]
    [InlineData(15, new[] { 10, 11 }, 16)]
    [InlineData(1, new[] { 0 }, 5)]
    [InlineData(60, new[] { 30 }, 60)]
    public void TheMostPatientContainerCounts(int seconds, int[] timeouts, int expected) => Assert.Equal(TimeSpan.FromSeconds(expected), ContainerShutdown.LimitOf(seconds, timeouts));

    [Theory]
    [InlineData(-1, new[] { 10 })]
    [InlineData(15, new[] { 10, -1 })]
    public void SomeWaitForEver(int seconds, int[] timeouts) => Assert.Equal(Timeout.InfiniteTimeSpan, ContainerShutdown.LimitOf(seconds, timeouts));

    [Theory]
    [InlineData("no", 1, false, false)]
    [InlineData("always", 0, true, true)]
    [InlineData("unless-stopped", 0, false, true)]
    [InlineData("unless-stopped", 0, true, false)]
    [InlineData("on-failure", 0, false, false)]
    [InlineData("on-failure", 137, false, true)]
    [InlineData("on-failure", 137, true, false)]
    public void PoliciesStartWithTheDaemon(string policy, int exitCode, bool stoppedByUser, bool expected)
        => Assert.Equal(expected, RestartPolicies.WantsStart(new RestartPolicy { Name = policy }, exitCode, 0, stoppedByUser));
}
