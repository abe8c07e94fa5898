using Tare.Linux.Mounts;
using Tare.Runtime.Plan;

namespace Tare.UnitTests.Runtime;

public sealed class MountOptionsTests
{
    [Fact]
    public void AttributesAndDataAreSorted()
    {
        MountOptions options = MountOptions.Parse(["nosuid", "strictatime", "mode=755", "size=65536k", "ro", "defaults", "newinstance"]);
        Assert.Equal(MountAttributes.NoSuid | MountAttributes.StrictAccessTime | MountAttributes.ReadOnly, options.Set);
        Assert.Equal([("mode", "755"), ("size", "65536k"), ("newinstance", null)], options.Data);
        Assert.False(options.Bind);
    }

    [Fact]
    public void TheLaterOfTwoOppositesWins()
    {
        MountOptions options = MountOptions.Parse(["ro", "rw"]);
        Assert.Equal(MountAttributes.None, options.Set & MountAttributes.ReadOnly);
        Assert.Equal(MountAttributes.ReadOnly, options.Clear);
        Assert.Equal(MountAttributes.ReadOnly, MountOptions.Parse(["rw", "ro"]).Set);
    }

    [Fact]
    public void RecursiveFormsAreKeptApart()
    {
        MountOptions options = MountOptions.Parse(["rbind", "rro", "rnoexec", "rprivate", "slave"]);
        Assert.True(options.Bind && options.RecursiveBind);
        Assert.Equal(MountAttributes.ReadOnly | MountAttributes.NoExec, options.RecursiveSet);
        Assert.Equal(MountAttributes.None, options.Set);
        Assert.Equal([(MountApi.Private, true), (MountApi.Slave, false)], options.Propagation);
    }

    [Fact]
    public void EmptyOptionIsRefused() => Assert.Throws<FormatException>(() => MountOptions.Parse([""]));
}
