using Tare.Cli.Containers;

namespace Tare.UnitTests.Cli;

public sealed class PortBindingTests
{
    [Theory]
    [InlineData("80", "80/tcp", "", "")]
    [InlineData("8080:80", "80/tcp", "", "8080")]
    [InlineData("127.0.0.1::80/udp", "80/udp", "127.0.0.1", "")]
    [InlineData("[::1]:8080:80", "80/tcp", "::1", "8080")]
    [InlineData("8000-8010:80", "80/tcp", "", "8000-8010")]
    [InlineData("target=80,published=8080,protocol=udp", "80/udp", "", "8080")]
    public void OnePortIsRead(string text, string container, string ip, string host) =>
        Assert.Equal(new PortBinding(container, ip, host), Assert.Single(PortBinding.Parse(text)));

    [Fact]
    public void RangesAreReadPortByPort() =>
        Assert.Equal([new PortBinding("80/tcp", "", "8080"), new PortBinding("81/tcp", "", "8081")], PortBinding.Parse("8080-8081:80-81"));

    [Theory]
    [InlineData("x", "Invalid containerPort: x")]
    [InlineData("x:80", "Invalid hostPort: x")]
    [InlineData("80/foo", "Invalid proto: foo")]
    [InlineData("1.2.3:80:80", null)]
    [InlineData("nohost:80:80", "Invalid ip address: nohost")]
    [InlineData("8080:", "No port specified: 8080:<empty>")]
    [InlineData("1-3:5-6", "Invalid ranges specified for container and host Ports: 5-6 and 1-3")]
    public void BadPortsAreRefused(string text, string? message)
    {
        if (message is null)
        {
            // inet_aton takes three parts too, and so does the daemon's resolver.
            Assert.Single(PortBinding.Parse(text));
            return;
        }

        Assert.Equal(message, Assert.Throws<FormatException>(() => PortBinding.Parse(text)).Message);
    }

    [Fact]
    public void ExposedRangesKeepTheirProtocol() => Assert.Equal(["70/udp", "71/udp"], PortBinding.ParseExposed("70-71/udp"));
}
