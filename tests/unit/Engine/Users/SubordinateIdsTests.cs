using Tare.Engine.Errors;
using Tare.Engine.Users;
using Tare.Oci.Runtime;

namespace Tare.UnitTests.Engine.Users;

/// <summary>What <c>userns-remap</c> names, and which ranges it gets.</summary>
public sealed class SubordinateIdsTests
{
    private static readonly Dictionary<string, string> s_files = new()
    {
        ["/etc/passwd"] = "root:x:0:0::/:/bin/sh\n# nobody\nsam:x:1001:1001::/:/bin/sh\nlone:x:1002:7::/:/bin/sh\ndockremap:x:990:980::/:/bin/false\n",
        ["/etc/group"] = "root:x:0:\nsam:x:1001:\nstaff:x:50:\ndockremap:x:980:\n",
        ["/etc/subuid"] = "sam:100000:1000\n1001:300000:2000\nlone:500000:65536\nbroken:x:1\n",
        ["/etc/subgid"] = "sam:200000:65536\n\n",
    };

    private static readonly SubordinateIds s_ids = new(s_files.GetValueOrDefault);

    [Theory]
    [InlineData("sam", "sam", "sam")]
    [InlineData("sam:staff", "sam", "staff")]
    [InlineData("sam:50", "sam", "staff")]
    [InlineData("1001", "sam", "sam")]
    [InlineData("1001:50", "sam", "staff")]
    [InlineData("lone:staff", "lone", "staff")]
    [InlineData("default", "dockremap", "dockremap")]
    [InlineData("root", "root", "root")]
    public void UsersAndGroupsAreFound(string text, string user, string group) => Assert.Equal((user, group), s_ids.Parse(text));

    [Theory]
    [InlineData("a:b:c", "invalid user/group specification in --userns-remap: \"a:b:c\"")]
    [InlineData("eve", "error during uid lookup for \"eve\": no such user")]
    [InlineData("77", "Uid 77 has no entry in /etc/passwd")]
    [InlineData("1002", "Gid 1002 has no entry in /etc/group")]
    [InlineData("lone", "error during gid lookup for \"lone\": no such group")]
    [InlineData("sam:eve", "error during groupname lookup for \"eve\": no such group")]
    [InlineData("sam:77", "Gid 77 has no entry in /etc/group")]
    public void WhatIsMissingIsNamed(string text, string message) => Assert.Equal(message, Assert.Throws<EngineException>(() => s_ids.Parse(text)).Message);

    [Fact]
    public void RangesFollowEachOtherInside()
    {
        (List<IdMapping> uids, List<IdMapping> gids) = s_ids.MapsOf("sam");
        Assert.Equal([(0u, 100000u, 1000u), (1000u, 300000u, 2000u)], uids.Select(map => (map.ContainerId, map.HostId, map.Size)));
        Assert.Equal([(0u, 200000u, 65536u)], gids.Select(map => (map.ContainerId, map.HostId, map.Size)));
        Assert.Equal("Can't create ID mappings: no subgid ranges found for group \"lone\"", Assert.Throws<EngineException>(() => s_ids.MapsOf("lone")).Message);
        Assert.Equal("Can't create ID mappings: no subuid ranges found for user \"dockremap\"", Assert.Throws<EngineException>(() => s_ids.MapsOf("dockremap")).Message);
        Assert.False(s_ids.HasRanges("dockremap"));
        Assert.Equal(565536u, s_ids.FirstFree());
        Assert.Equal(100000u, new SubordinateIds(static _ => null).FirstFree());
    }

    [Fact]
    public void TheKernelsMapsAreRead()
        => Assert.Equal([(0u, 100000u, 65536u), (65536u, 7u, 1u)], IdMapFile.Parse("         0     100000      65536\n     65536          7          1\n").Select(map => (map.ContainerId, map.HostId, map.Size)));
}
