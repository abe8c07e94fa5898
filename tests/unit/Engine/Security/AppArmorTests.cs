using Tare.Engine.Security;

namespace Tare.UnitTests.Engine.Security;

/// <summary>The AppArmor profile of containers.</summary>
public sealed class AppArmorTests
{
    [Fact]
    public void TheDistributionsPoliciesAreIncludedWhereTheyAre()
    {
        string all = AppArmorProfile.Text(null, static _ => true);
        Assert.StartsWith("#include <tunables/global>\nprofile docker-default flags=(attach_disconnected,mediate_deleted) {\n  #include <abstractions/base>\n", all, StringComparison.Ordinal);
        string none = AppArmorProfile.Text(null, static _ => false);
        Assert.StartsWith("@{PROC}=/proc/\nprofile docker-default ", none, StringComparison.Ordinal);
        Assert.DoesNotContain("#include", none, StringComparison.Ordinal);
        Assert.EndsWith("}\n", none, StringComparison.Ordinal);
    }

    [Fact]
    public void SignalsOfTheDaemonsOwnProfileAreTaken()
    {
        Assert.Contains("  signal (receive) peer=/usr/sbin/tared,\n", AppArmorProfile.Text("/usr/sbin/tared", static _ => false), StringComparison.Ordinal);
        Assert.DoesNotContain("peer=,", AppArmorProfile.Text(null, static _ => false), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker-default (enforce)", true)]
    [InlineData("docker-default (complain)", true)]
    [InlineData("docker-default-of-another (enforce)", false)]
    [InlineData("docker-default//child (enforce)", false)]
    [InlineData("", false)]
    public void LoadedProfilesAreFoundByTheWholeName(string line, bool expected)
        => Assert.Equal(expected, AppArmor.IsLoaded(["lsb_release (enforce)", line], AppArmorProfile.DefaultName));
}
