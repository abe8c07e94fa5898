namespace Tare.Engine.Containers;

/// <summary>A device of the host in a container.</summary>
public sealed class DeviceMapping
{
    /// <summary>Device node, or folder of device nodes, on the host.</summary>
    public string PathOnHost { get; set => field = value ?? ""; } = "";

    /// <summary>Path in the container; empty means the host's.</summary>
    public string PathInContainer { get; set => field = value ?? ""; } = "";

    /// <summary>Letters of <c>rwm</c>; empty means all.</summary>
    public string CgroupPermissions { get; set => field = value ?? ""; } = "";
}
