using Tare.Registry;
using Tare.Registry.Transport;

namespace Tare.UnitTests.Registry;

public sealed class RegistryProxyTests
{
    private static readonly RegistryProxy s_proxy = new(
        new ProxySettings("http://user:p%40ss@proxy.example:3128", "proxy.example:3129", "inside.example, .below.example,10.2.0.0/16,10.9.9.9,10.8.8.8:5000,[fd00::1]:5000,port.example:8443,*.star.example"));

    [Theory]
    [InlineData("http://localhost:5000/v2/")]
    [InlineData("http://127.0.0.1:5000/v2/")]
    [InlineData("http://127.8.9.1/v2/")]
    [InlineData("http://[::1]:5000/v2/")]
    [InlineData("https://inside.example/v2/")]
    [InlineData("https://deep.inside.example/v2/")]
    [InlineData("https://a.below.example/v2/")]
    [InlineData("https://a.star.example/v2/")]
    [InlineData("https://10.2.3.4/v2/")]
    [InlineData("https://10.9.9.9:5000/v2/")]
    [InlineData("https://10.8.8.8:5000/v2/")]
    [InlineData("https://[fd00::1]:5000/v2/")]
    [InlineData("https://port.example:8443/v2/")]
    public void ThisMachineAndWhatIsExceptedAreReachedDirectly(string address) => Assert.Null(s_proxy.GetProxy(new Uri(address)));

    [Theory]
    [InlineData("https://registry-1.docker.io/v2/", "http://proxy.example:3129/")]
    [InlineData("http://10.0.0.1:5000/v2/", "http://user:p%40ss@proxy.example:3128/")]
    [InlineData("https://below.example/v2/", "http://proxy.example:3129/")]
    [InlineData("https://notinside.example/v2/", "http://proxy.example:3129/")]
    [InlineData("https://10.8.8.8:5001/v2/", "http://proxy.example:3129/")]
    [InlineData("https://port.example/v2/", "http://proxy.example:3129/")]
    public void AllElseGoesThroughTheProxyOfItsScheme(string address, string proxy) => Assert.Equal(new Uri(proxy), s_proxy.GetProxy(new Uri(address)));

    [Fact]
    public void CredentialsStandInTheAddress()
    {
        System.Net.NetworkCredential? credentials = s_proxy.Credentials!.GetCredential(new Uri("http://user:p%40ss@proxy.example:3128"), "Basic");
        Assert.Equal(("user", "p@ss"), (credentials!.UserName, credentials.Password));
    }

    [Fact]
    public void TheEnvironmentsSmallLettersCountFirst()
    {
        Dictionary<string, string> environment = new() { ["http_proxy"] = "a", ["HTTP_PROXY"] = "b", ["HTTPS_PROXY"] = "c", ["NO_PROXY"] = "d" };
        Assert.Equal(new ProxySettings("a", "c", "d"), ProxySettings.OfEnvironment(environment.GetValueOrDefault));
        Assert.Equal(new ProxySettings("own", "c", "d"), new ProxySettings("own", "", "").Or(ProxySettings.OfEnvironment(environment.GetValueOrDefault)));
    }

    [Fact]
    public void WithoutSettingsThereIsNoProxy() => Assert.Null(new RegistryProxy(new ProxySettings("", "", "")).GetProxy(new Uri("https://a.example/")));
}
