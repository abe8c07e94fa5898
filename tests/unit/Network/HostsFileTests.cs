using System.Net;
using Tare.Network.Files;

namespace Tare.UnitTests.Network;

/// <summary>Against files that dockerd 28.5 wrote for the same input.</summary>
public sealed class HostsFileTests
{
    private const string Defaults =
        "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";

    private static readonly IPAddress s_gateway = IPAddress.Parse("172.17.0.1");
    private static readonly IPAddress s_own = IPAddress.Parse("172.17.0.2");

    [Theory]
    [InlineData("92ee0a6fef0a", "", "172.17.0.2\t92ee0a6fef0a\n")]
    [InlineData("foo.example.org", "", "172.17.0.2\tfoo.example.org foo\n")]
    [InlineData("h", "dom.org", "172.17.0.2\th.dom.org h\n")]
    public void NamesTheContainer(string hostname, string domainname, string line)
        => Assert.Equal(Defaults + line, HostsFile.Make([], [s_gateway.ToString()], s_own, hostname, domainname));

    [Fact]
    public void ExtraEntriesStandBeforeTheContainersOwn()
        => Assert.Equal(
            Defaults + "1.2.3.4\ta\n::1\tb\n172.17.0.1\tg\n172.17.0.2\tf2eb5e62a7fd\n",
            HostsFile.Make(["a:1.2.3.4", "b:::1", "g:host-gateway"], [s_gateway.ToString()], s_own, "f2eb5e62a7fd", ""));

    [Fact]
    public void WithoutANetworkThereIsNoOwnEntry() => Assert.Equal(Defaults + "1.2.3.4\ta\n", HostsFile.Make(["a:1.2.3.4"], [s_gateway.ToString()], null, "h", ""));

    [Fact]
    public void TheHostsNetworkTakesTheHostsFileUnlessEntriesAreAdded()
    {
        Assert.Equal(File.ReadAllText("/etc/hosts"), HostsFile.MakeForHostNetwork([], [s_gateway.ToString()]));
        Assert.Equal(Defaults + "1.2.3.4\ta\n", HostsFile.MakeForHostNetwork(["a:1.2.3.4"], [s_gateway.ToString()]));
    }
}
