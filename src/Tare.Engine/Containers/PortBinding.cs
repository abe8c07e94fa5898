namespace Tare.Engine.Containers;

/// <summary>Where a published port listens on the host.</summary>
public sealed class PortBinding
{
    /// <summary>Address on the host; empty means all.</summary>
    public string HostIp { get; set => field = value ?? ""; } = "";

    /// <summary>Port or range of ports on the host; empty or 0 chooses one.</summary>
    public string HostPort { get; set => field = value ?? ""; } = "";
}
