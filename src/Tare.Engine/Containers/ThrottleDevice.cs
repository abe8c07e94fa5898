namespace Tare.Engine.Containers;

/// <summary>Block I/O limit of one device.</summary>
public sealed class ThrottleDevice
{
    /// <summary>The device's path on the host.</summary>
    public string Path { get; set => field = value ?? ""; } = "";

    /// <summary>Bytes or operations per second.</summary>
    public ulong Rate { get; set; }
}
