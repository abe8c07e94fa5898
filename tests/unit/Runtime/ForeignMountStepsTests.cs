using Tare.Runtime.Plan;

namespace Tare.UnitTests.Runtime;

/// <summary>Which sources of bind mounts are of another process.</summary>
public sealed class ForeignMountStepsTests
{
    [Theory]
    [InlineData("/proc/17/root/dev/shm", 17, "/dev/shm")]
    [InlineData("/proc/1/root/a", 1, "/a")]
    public void APathInAnotherRootIsTakenApart(string source, int pid, string path)
    {
        Assert.True(ForeignMountSteps.TryParse(source, out int foundPid, out string foundPath));
        Assert.Equal((pid, path), (foundPid, foundPath));
    }

    [Theory]
    [InlineData("/dev/shm")]
    [InlineData("/proc")]
    [InlineData("/proc/self/root/x")]
    [InlineData("/proc/17/cwd/x")]
    [InlineData("/proc/17/rootless/x")]
    [InlineData("/proc/-1/root/x")]
    public void OthersAreNot(string source) => Assert.False(ForeignMountSteps.TryParse(source, out _, out _));
}
