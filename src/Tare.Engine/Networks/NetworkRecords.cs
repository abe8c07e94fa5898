using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Tare.Engine.State;
using Tare.Network.Ports;

namespace Tare.Engine.Networks;

/// <summary>Keeps the network records of containers in the folders of their bundles.</summary>
/// <param name="paths">Where they lie.</param>
internal sealed class NetworkRecords(EnginePaths paths)
{
    /// <summary>Stores a record, or replaces it as a whole.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string id, NetworkRecord record)
    {
        string beside = File(id) + ".new";
        System.IO.File.WriteAllBytes(beside, JsonSerializer.SerializeToUtf8Bytes(record, StateJson.Default.NetworkRecord));
        System.IO.File.Move(beside, File(id), overwrite: true);
    }

    /// <summary>Reads the record of a container; null when there is none, or none that can be read.</summary>
    public NetworkRecord? TryRead(string id, ILogger log)
    {
        try
        {
            return JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(File(id)), StateJson.Default.NetworkRecord);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            Log.NetworkRecordUnreadable(log, id, e);
            return null;
        }
    }

    /// <summary>The ports of a record as the network knows them.</summary>
    public static IReadOnlyList<PublishedPort> PortsOf(NetworkRecord record) => [.. record.Ports.Select(port => new PublishedPort(
        PortProtocols.Parse(port.Protocol), IPAddress.Parse(port.HostAddress), port.HostPort, IPAddress.Parse(record.IPAddress), port.ContainerPort))];

    /// <summary>The network's ports as a record holds them.</summary>
    public static IReadOnlyList<PortRecord> RecordsOf(IEnumerable<PublishedPort> ports) =>
        [.. ports.Select(port => new PortRecord(port.Protocol.Name(), port.HostAddress.ToString(), port.HostPort, port.ContainerPort))];

    private string File(string id) => paths.Shim(id) + "/network.json";
}
