using Tare.Runtime.Containers;

namespace Tare.UnitTests.Runtime;

public sealed class ContainerStoreTests
{
    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("ä")]
    public void WrongIdsAreRefused(string id)
        => Assert.Equal(ErrorKind.Invalid, Assert.Throws<RuntimeException>(() => ContainerStore.CheckId(id)).Kind);

    [Theory]
    [InlineData("c1")]
    [InlineData("..a+B_c-d.9")]
    public void OrdinaryIdsAreTaken(string id) => ContainerStore.CheckId(id);

    [Fact]
    public void MissingContainerIsNotFound()
    {
        ContainerStore store = new("/nonexistent/tare");
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<RuntimeException>(() => store.Load("c1")).Kind);
        Assert.Empty(store.List());
    }
}
