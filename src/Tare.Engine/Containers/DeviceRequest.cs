namespace Tare.Engine.Containers;

/// <summary>Devices asked for by driver or capability (Docker Engine API, <c>DeviceRequest</c>).</summary>
public sealed class DeviceRequest
{
    /// <summary>Driver; empty lets the capabilities decide.</summary>
    public string Driver { get; set => field = value ?? ""; } = "";

    /// <summary>Number of devices; -1 means all.</summary>
    public int Count { get; set; }

    /// <summary>Devices by id.</summary>
    public List<string>? DeviceIDs { get; set; }

    /// <summary>Alternatives, each a list of capabilities that are all needed.</summary>
    public List<List<string>>? Capabilities { get; set; }

    /// <summary>Options of the driver.</summary>
    public Dictionary<string, string>? Options { get; set; }
}
