namespace Tare.Linux.Cgroups;

/// <summary>What a group has transferred with a block device.</summary>
/// <param name="Major">Major number of the device.</param>
/// <param name="Minor">Minor number of the device.</param>
/// <param name="Operation"><c>Read</c> or <c>Write</c>; version 1 also has <c>Sync</c>, <c>Async</c>, <c>Discard</c> and <c>Total</c>.</param>
/// <param name="Value">Bytes, or the number of operations.</param>
public readonly record struct BlockTransfer(long Major, long Minor, string Operation, long Value);
