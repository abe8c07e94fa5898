using Tare.Storage;
using Tare.Storage.Tar;

namespace Tare.UnitTests.Storage;

/// <summary>Owners of archives and of trees whose ids are mapped.</summary>
public sealed class IdTranslationTests
{
    private static readonly IdTranslation s_ids = new([(0, 100000, 1000), (1000, 300000, 10)], [(0, 200000, 65536)]);

    [Theory]
    [InlineData(0, 100000)]
    [InlineData(999, 100999)]
    [InlineData(1000, 300000)]
    [InlineData(1009, 300009)]
    public void UsersAreTranslatedBothWays(uint inside, uint outside)
    {
        Assert.Equal(outside, s_ids.UserOutside(inside));
        Assert.Equal(inside, s_ids.UserInside(outside));
    }

    [Fact]
    public void WhoHasNoCounterpartIsNobody()
    {
        Assert.Equal(IdTranslation.Nobody, s_ids.UserInside(0));
        Assert.Equal(IdTranslation.Nobody, s_ids.GroupInside(199999));
        Assert.Equal(200007u, s_ids.GroupOutside(7));
        Assert.Equal("the user 1010 is in no range of the container's user namespace", Assert.Throws<StorageException>(() => s_ids.UserOutside(1010)).Message);
        Assert.Throws<StorageException>(() => s_ids.GroupOutside(65536));
    }

    [Fact]
    public void CapabilitiesOfTheNamespaceArePlainInside()
    {
        byte[] value = new byte[24];
        (value[0], value[3], value[4]) = (1, 3, 0x20); // revision 3, effective; one permitted capability
        BitConverter.TryWriteBytes(value.AsSpan(20), 100000);
        byte[] seen = FileCapability.SeenBy(s_ids, value);
        Assert.Equal((20, 1, 2, 0x20), (seen.Length, seen[0], seen[3], seen[4]));
        BitConverter.TryWriteBytes(value.AsSpan(20), 5);
        Assert.Same(value, FileCapability.SeenBy(s_ids, value));
    }
}
