using System.Net;
using Tare.Registry;

namespace Tare.UnitTests.Registry;

public sealed class RegistryProxyTests
{
    private static readonly RegistryProxy s_proxy = new(new WebProxy("http://proxy.example:3128") { BypassList = ["inside\\.example"] });

    [Theory]
    [InlineData("http://localhost:5000/v2/")]
    [InlineData("http://127.0.0.1:5000/v2/")]
    [InlineData("http://127.8.9.1/v2/")]
    [InlineData("http://[::1]:5000/v2/")]
    [InlineData("https://inside.example/v2/")]
    public void ThisMachineAndWhatIsExceptedAreReachedDirectly(string address) => Assert.Null(s_proxy.GetProxy(new Uri(address)));

    [Theory]
    [InlineData("https://registry-1.docker.io/v2/")]
    [InlineData("http://10.0.0.1:5000/v2/")]
    public void AllElseGoesThroughTheProxy(string address) => Assert.Equal(new Uri("http://proxy.example:3128"), s_proxy.GetProxy(new Uri(address)));
}
