namespace Tare.Network.Shaping;

/// <summary>How much a container may receive and send.</summary>
/// <param name="IngressBitsPerSecond">What it receives; 0 for no limit.</param>
/// <param name="EgressBitsPerSecond">What it sends; 0 for no limit.</param>
public sealed record BandwidthLimits(long IngressBitsPerSecond, long EgressBitsPerSecond)
{
    /// <summary>No limits.</summary>
    public static BandwidthLimits None { get; } = new(0, 0);
}
