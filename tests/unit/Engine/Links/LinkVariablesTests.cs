using Tare.Engine.Containers;
using Tare.Engine.Links;

namespace Tare.UnitTests.Engine.Links;

public sealed class LinkVariablesTests
{
    [Fact]
    public void TellPortsAndVariablesAsDockerDoes()
    {
        ContainerConfig config = new()
        {
            Env = ["X=1", "PATH=/bin", "HOME=/root", "EMPTY="],
            ExposedPorts = new() { ["53/udp"] = EmptyDocument.Instance, ["80/tcp"] = EmptyDocument.Instance },
        };
        Assert.Equal(
            [
                "MY_DB_NAME=/web/my-db", "MY_DB_PORT=tcp://172.17.0.2:80",
                "MY_DB_PORT_53_UDP=udp://172.17.0.2:53", "MY_DB_PORT_53_UDP_ADDR=172.17.0.2", "MY_DB_PORT_53_UDP_PORT=53", "MY_DB_PORT_53_UDP_PROTO=udp",
                "MY_DB_PORT_80_TCP=tcp://172.17.0.2:80", "MY_DB_PORT_80_TCP_ADDR=172.17.0.2", "MY_DB_PORT_80_TCP_PORT=80", "MY_DB_PORT_80_TCP_PROTO=tcp",
                "MY_DB_ENV_X=1", "MY_DB_ENV_EMPTY=",
            ],
            LinkVariables.Make("web", "my-db", "172.17.0.2", config));
    }

    [Fact]
    public void ARangeOfPortsIsToldAsOneToo()
    {
        ContainerConfig config = new() { ExposedPorts = new() { ["80-81/tcp"] = EmptyDocument.Instance } };
        List<string> variables = LinkVariables.Make("web", "db", "10.0.0.2", config);
        Assert.Contains("DB_PORT_80_TCP_START=tcp://10.0.0.2:80", variables);
        Assert.Contains("DB_PORT_80_TCP_END=tcp://10.0.0.2:81", variables);
        Assert.Contains("DB_PORT_80_TCP_PORT_START=80", variables);
        Assert.Contains("DB_PORT_80_TCP_PORT_END=81", variables);
        Assert.Contains("DB_PORT_81_TCP=tcp://10.0.0.2:81", variables);
    }

    [Fact]
    public void WithoutPortsThereIsNoPort() => Assert.Equal(["DB_NAME=/web/db"], LinkVariables.Make("web", "db", "10.0.0.2", new ContainerConfig()));
}
