using Microsoft.Extensions.Logging.Abstractions;
using Tare.Engine;
using Tare.Engine.Networks;
using Tare.Network.Ports;
using Tare.UnitTests.Storage;

namespace Tare.UnitTests.Engine.Networks;

public sealed class NetworkRecordsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void WhatAContainerHoldsIsFoundAgain()
    {
        NetworkRecords records = new(Paths());
        Assert.Null(records.TryRead("a", NullLogger.Instance));
        Directory.CreateDirectory(Paths().Shim("a"));
        NetworkRecord record = new()
        {
            IPAddress = "172.17.0.2",
            MacAddress = "02:42:ac:11:00:02",
            HostInterface = "veth1",
            Ports = [new PortRecord("udp", "0.0.0.0", 53, 5353), new PortRecord("tcp", "::", 8080, 80)],
        };
        records.Write("a", record);
        NetworkRecord found = records.TryRead("a", NullLogger.Instance)!;
        Assert.Equal((record.IPAddress, record.MacAddress, record.HostInterface), (found.IPAddress, found.MacAddress, found.HostInterface));
        Assert.Equal(record.Ports, found.Ports);
        IReadOnlyList<PublishedPort> ports = NetworkRecords.PortsOf(found);
        Assert.Equal(record.Ports, NetworkRecords.RecordsOf(ports));
        Assert.All(ports, port => Assert.Equal("172.17.0.2", port.ContainerAddress.ToString()));
    }

    [Fact]
    public void ADamagedRecordIsNone()
    {
        Directory.CreateDirectory(Paths().Shim("a"));
        File.WriteAllText(Paths().Shim("a") + "/network.json", "{");
        Assert.Null(new NetworkRecords(Paths()).TryRead("a", NullLogger.Instance));
    }

    public void Dispose() => _folder.Dispose();

    private EnginePaths Paths() => new(_folder.Path + "/data", _folder.Path + "/exec");
}
