using Tare.Linux.Mounts;

namespace Tare.UnitTests.Linux.Mounts;

/// <summary>The table of mounts.</summary>
public sealed class MountEntryTests
{
    private static readonly string[] s_table =
    [
        "21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
        "40 21 0:30 / /mnt rw - tmpfs tmpfs rw",
        "41 40 0:31 / /mnt/a\\040b rw shared:7 master:1 - tmpfs some\\134thing rw",
        "42 21 0:32 / /mnt rw master:3 - tmpfs over rw",
        "broken",
    ];

    [Theory]
    [InlineData("/mnt/a b/c", "/mnt/a b", "some\\thing", true, true)]
    [InlineData("/mnt/x", "/mnt", "over", false, true)]
    [InlineData("/mntx", "/", "/dev/vda", true, false)]
    [InlineData("/", "/", "/dev/vda", true, false)]
    public void TheDeepestAndLastMountCounts(string path, string place, string source, bool shared, bool slave)
        => Assert.Equal(new MountEntry(place, source, shared, slave), MountEntry.Find(s_table, path));
}
