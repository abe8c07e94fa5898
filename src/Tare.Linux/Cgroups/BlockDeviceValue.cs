namespace Tare.Linux.Cgroups;

/// <summary>A number for one block device: a rate (bytes or operations per second) or a weight.</summary>
/// <param name="Major">Major number of the device.</param>
/// <param name="Minor">Minor number.</param>
/// <param name="Value">The number; for a rate 0 means unlimited.</param>
public readonly record struct BlockDeviceValue(long Major, long Minor, ulong Value);
