namespace Tare.Engine.Containers;

/// <summary>Block I/O weight of one device.</summary>
public sealed class WeightDevice
{
    /// <summary>The device's path on the host.</summary>
    public string Path { get; set => field = value ?? ""; } = "";

    /// <summary>The weight, 10 to 1000.</summary>
    public ushort Weight { get; set; }
}
